//! Sends requests in DynamoDB's JSON to the embedded engine, past all code of this crate's own: for tests and for a look
//! into a file.
//!
//! ```text
//! echo 'Scan {"TableName": "sessions"}' | cargo run --example embedded_requests -- embedded:tmp/sessions.sqlite3
//! ```

use session_store_core::Engines;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = std::env::args().nth(1);
    let engine = Engines::default().open(endpoint.as_deref())?.ok_or("usage: embedded_requests embedded:PATH")?;
    for line in std::io::stdin().lines() {
        let line = line?;
        let (operation, body) = line.split_once(' ').ok_or("a line is an operation, a space and its request")?;
        let reply = engine.answer(operation.to_owned(), body.to_owned()).await?;
        println!("{}", reply.body);
        if reply.status != 200 {
            return Err(format!("{operation} failed").into());
        }
    }
    Ok(())
}
