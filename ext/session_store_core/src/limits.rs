//! When a session is over.

use crate::row::Row;

/// The limits of a session's life, in seconds. `None`: no such limit.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Since it was created.
    pub max_age: Option<f64>,
    /// Since it was last used.
    pub max_stale: Option<f64>,
}

impl Limits {
    /// The row's `expire_at`: the earliest of the limits that apply, in whole seconds since the epoch, rounded up so
    /// that DynamoDB never deletes a session that is still good. `expire_after` is the lifetime of the cookie.
    pub fn expire_at(&self, created_at: f64, now: f64, expire_after: Option<f64>) -> Option<i64> {
        [
            self.max_age.map(|age| created_at + age),
            self.max_stale.map(|stale| now + stale),
            expire_after.map(|s| now + s),
        ]
        .into_iter()
        .flatten()
        .min_by(f64::total_cmp)
        .map(|at| at.ceil() as i64)
    }

    /// Whether the session in `row` is over. DynamoDB deletes expired items up to days late, so this is asked at every
    /// load.
    pub fn expired(&self, row: &Row, now: f64) -> bool {
        let past = |since: Option<f64>, limit: Option<f64>| match (since, limit) {
            (Some(since), Some(limit)) => since + limit <= now,
            _ => false,
        };
        row.believable_expire_at().is_some_and(|at| at <= now)
            || past(row.created_at, self.max_age)
            || past(row.updated_at, self.max_stale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Limits = Limits { max_age: None, max_stale: None };
    const BOTH: Limits = Limits { max_age: Some(1000.0), max_stale: Some(100.0) };

    fn row(created_at: f64, updated_at: f64, expire_at: Option<f64>) -> Row {
        Row { created_at: Some(created_at), updated_at: Some(updated_at), expire_at, ..Row::default() }
    }

    #[test]
    fn expire_at_is_the_earliest_that_applies() {
        assert_eq!(NONE.expire_at(0.0, 10.0, None), None);
        assert_eq!(NONE.expire_at(0.0, 10.5, Some(5.0)), Some(16));
        assert_eq!(BOTH.expire_at(0.0, 10.0, None), Some(110));
        assert_eq!(BOTH.expire_at(0.0, 950.0, None), Some(1000));
        assert_eq!(BOTH.expire_at(0.0, 950.0, Some(7.0)), Some(957));
    }

    #[test]
    fn a_session_is_over_when_any_limit_is_reached() {
        assert!(!NONE.expired(&row(0.0, 0.0, None), 1e12));
        assert!(BOTH.expired(&row(0.0, 950.0, None), 1000.0));
        assert!(BOTH.expired(&row(0.0, 0.0, None), 100.0));
        assert!(!BOTH.expired(&row(0.0, 950.0, None), 999.0));
        assert!(NONE.expired(&row(0.0, 10.0, Some(20.0)), 20.0));
    }

    #[test]
    fn an_expire_at_that_is_not_later_than_updated_at_is_not_believed() {
        assert!(!NONE.expired(&row(0.0, 10.5, Some(10.0)), 20.0));
    }
}
