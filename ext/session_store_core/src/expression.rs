//! Update and condition expressions with their names and values.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// Builds one update expression and its condition. Every attribute goes by a placeholder, since some of the row's names
/// (`data`) are reserved words and the key's is the user's choice; DynamoDB refuses placeholders that are not used, so
/// they are made as they are asked for.
#[derive(Debug, Default)]
pub(crate) struct Expression {
    sets: Vec<String>,
    removes: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    pub(crate) fn set(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.sets.push(format!("{name} = {value}"));
        self
    }

    pub(crate) fn remove(mut self, name: &str) -> Self {
        let name = self.name(name);
        self.removes.push(name);
        self
    }

    pub(crate) fn set_or_remove(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    pub(crate) fn if_exists(mut self, name: &str) -> Self {
        let name = self.name(name);
        self.conditions.push(format!("attribute_exists({name})"));
        self
    }

    pub(crate) fn if_not_exists(mut self, name: &str) -> Self {
        let name = self.name(name);
        self.conditions.push(format!("attribute_not_exists({name})"));
        self
    }

    /// On the condition that the attribute has this value, or is absent.
    pub(crate) fn if_equals(mut self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            None => self.if_not_exists(name),
            Some(value) => {
                let (name, value) = (self.name(name), self.value(value));
                self.conditions.push(format!("{name} = {value}"));
                self
            }
        }
    }

    /// On the condition that the attribute is absent, or less than the one of these values that is of its type.
    pub(crate) fn if_absent_or_less<const N: usize>(mut self, name: &str, values: [AttributeValue; N]) -> Self {
        let name = self.name(name);
        let mut alternatives = vec![format!("attribute_not_exists({name})")];
        for value in values {
            alternatives.push(format!("{name} < {}", self.value(value)));
        }
        self.conditions.push(format!("({})", alternatives.join(" OR ")));
        self
    }

    pub(crate) fn update(&self) -> String {
        let clause = |keyword: &str, parts: &[String]| match parts {
            [] => String::new(),
            parts => format!("{keyword} {}", parts.join(", ")),
        };
        format!("{} {}", clause("SET", &self.sets), clause("REMOVE", &self.removes)).trim().to_owned()
    }

    pub(crate) fn condition(&self) -> String {
        self.conditions.join(" AND ")
    }

    pub(crate) fn into_placeholders(self) -> (HashMap<String, String>, Option<HashMap<String, AttributeValue>>) {
        (self.names, Some(self.values).filter(|values| !values.is_empty()))
    }

    fn name(&mut self, name: &str) -> String {
        if let Some(known) = self.names.iter().find_map(|(placeholder, known)| (known == name).then_some(placeholder)) {
            return known.clone();
        }
        let placeholder = format!("#{}", self.names.len());
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shared_and_values_are_not() {
        let text = |s: &str| AttributeValue::S(s.into());
        let expression = Expression::default()
            .set("data", text("new"))
            .remove("expire_at")
            .if_exists("id")
            .if_equals("data", Some(text("old")))
            .if_equals("lock", None);
        assert_eq!(expression.update(), "SET #0 = :0 REMOVE #1");
        assert_eq!(expression.condition(), "attribute_exists(#2) AND #0 = :1 AND attribute_not_exists(#3)");
        let (names, values) = expression.into_placeholders();
        assert_eq!(names.len(), 4);
        assert_eq!(values.map(|values| values.len()), Some(2));
    }
}
