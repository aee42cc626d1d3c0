//! Whatever lies in the table: it is read or refused, and nothing panics.

use crate::common::{Fault, ID, NEW_ID, World, write};
use crate::lock::QUICK;
use serde_json::{Map, Value, json};
use session_store_core::{Error, Guard};

const ROUNDS: u64 = 1000;

/// Marsaglia's xorshift: the same items at every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn text(&mut self) -> String {
        const SPECIAL: &[&str] = &[
            "",
            " ",
            "0",
            "-0",
            "1e400",
            "-1e308",
            "1e-400",
            "NaN",
            "inf",
            "-inf",
            "1_000",
            "0x10",
            "１２",
            "1.",
            ".5",
            "+7",
            "1500000000.123456",
            "99999999999999999999999999999999999999",
            "9223372036854775808",
            "\u{0}",
            "{}",
            "\u{10FFFF}",
        ];
        match self.below(3) {
            0 => SPECIAL[self.below(SPECIAL.len())].to_owned(),
            1 => format!("{}", f64::from_bits(self.next())),
            _ => (0..self.below(12)).filter_map(|_| char::from_u32(self.next() as u32 % 0x11_0000)).collect(),
        }
    }

    /// An attribute in DynamoDB's JSON, most often one that may stand in a row.
    fn attribute(&mut self, depth: usize) -> Value {
        match self.below(if depth > 3 { 8 } else { 12 }) {
            0..=2 => json!({ "N": self.text() }),
            3..=5 => json!({ "S": self.text() }),
            6 => json!({ "NULL": true }),
            7 => json!({ "BOOL": self.below(2) == 0 }),
            8 => json!({ "B": "3q2+7w==" }),
            9 => json!({ "SS": [self.text()] }),
            10 => json!({ "L": [self.attribute(depth + 1)] }),
            _ => json!({ "M": { "data": self.attribute(depth + 1) } }),
        }
    }

    fn item(&mut self) -> Value {
        const NAMES: &[&str] =
            &["session_id", "data", "created_at", "updated_at", "expire_at", "locked_at", "lock_token", "note"];
        let names: Vec<&str> = (0..self.below(10)).map(|_| self.one_of(NAMES)).collect();
        Value::Object(names.into_iter().map(|name| (name.to_owned(), self.attribute(0))).collect::<Map<_, _>>())
    }
}

fn read_or_refused<T: std::fmt::Debug>(outcome: Result<T, Error>, item: &Value) -> bool {
    match outcome {
        Ok(_) => true,
        Err(Error::InvalidData(message)) => {
            assert!(message.starts_with("the session's row cannot be read: its attribute "), "{message}");
            false
        }
        Err(Error::LockWaitTimeout) => true,
        Err(other) => panic!("{other:?} for {item}"),
    }
}

#[tokio::test]
async fn any_item_is_read_or_refused() {
    let world = World::new().await.limited(Some(1000.0), Some(1000.0));
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut read = 0;
    for _ in 0..ROUNDS {
        let item = random.item();
        world.script.plan("GetItem", Fault::Answer(200, json!({ "Item": item })));
        read += u64::from(read_or_refused(world.store.load(ID).await, &item));
    }
    assert!((ROUNDS / 10..ROUNDS * 9 / 10).contains(&read), "{read} of {ROUNDS} were read");
}

#[tokio::test]
async fn any_item_may_be_in_the_way_of_a_write() {
    let world = World::new().await;
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for _ in 0..ROUNDS / 5 {
        let item = random.item();
        let failed = || {
            let code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            Fault::Answer(400, json!({ "__type": code, "message": "no", "Item": item }))
        };
        let unchanged = || Guard::Unchanged(Some("old".into()));
        world.script.plan_times(4, "UpdateItem", failed);
        read_or_refused(world.store.create(ID, write("{}")).await, &item);
        read_or_refused(world.store.save(ID, write("{}"), unchanged()).await, &item);
        read_or_refused(world.store.save(ID, write("{}"), Guard::Locked("mine".to_owned())).await, &item);
        read_or_refused(world.store.lock(ID, "mine", QUICK).await, &item);
        let in_the_way = json!({ "Code": "ConditionalCheckFailed", "Item": item });
        for reasons in [json!([in_the_way, { "Code": "None" }]), json!([{ "Code": "None" }, in_the_way])] {
            world.script.plan("TransactWriteItems", Fault::cancelled(reasons));
            read_or_refused(world.store.rename(ID, NEW_ID, write("{}"), unchanged()).await, &item);
        }
    }
}
