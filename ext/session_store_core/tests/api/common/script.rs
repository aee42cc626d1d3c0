//! What stands between the client and the engine: counts requests, and does to them what a test asks for.

use serde_json::{Value, json};
use session_store_core::{Answer, Reply, Transport};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

/// What is done to one request.
pub(crate) enum Fault {
    /// It is not executed; this is the answer.
    Answer(u16, Value),
    /// It is not executed; the connection breaks.
    Break,
    /// It is executed; then the connection breaks.
    BreakAfterwards,
    /// It is executed; the answer is an internal error, after which the SDK tries again. The engine does not know then
    /// that it is again, as DynamoDB forgets the token of a transaction.
    LoseAnswer,
    /// No answer, ever.
    Silence,
    /// It is executed; its condition fails, and the answer is without the row that is there.
    HideItem,
    /// This happens first.
    Meanwhile(Pin<Box<dyn Future<Output = ()> + Send>>),
}

impl Fault {
    /// An error document of DynamoDB's.
    pub(crate) fn error(code: &str) -> Self {
        Self::Answer(
            400,
            json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "so it is" }),
        )
    }

    /// A cancelled transaction.
    pub(crate) fn cancelled(reasons: Value) -> Self {
        let code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        Self::Answer(400, json!({ "__type": code, "Message": "cancelled", "CancellationReasons": reasons }))
    }

    pub(crate) fn meanwhile(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self::Meanwhile(Box::pin(future))
    }

    /// The request is served.
    pub(crate) fn none() -> Self {
        Self::meanwhile(std::future::ready(()))
    }
}

pub(crate) struct Script {
    engine: Arc<dyn Transport>,
    faults: Mutex<HashMap<String, VecDeque<Fault>>>,
    requests: Mutex<Vec<(String, Value)>>,
}

impl Script {
    pub(crate) fn new(engine: Arc<dyn Transport>) -> Self {
        Self { engine, faults: Mutex::default(), requests: Mutex::default() }
    }

    /// What is done to the next request of this operation for which nothing is planned yet.
    pub(crate) fn plan(&self, operation: &str, fault: Fault) {
        self.faults.lock().unwrap().entry(operation.to_owned()).or_default().push_back(fault);
    }

    pub(crate) fn plan_times(&self, times: usize, operation: &str, fault: impl Fn() -> Fault) {
        (0..times).for_each(|_| self.plan(operation, fault()));
    }

    /// The operations that were asked for, in their order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|(operation, _)| operation.clone()).collect()
    }

    pub(crate) fn count(&self, operation: &str) -> usize {
        self.operations().iter().filter(|asked| *asked == operation).count()
    }

    /// The document of the last request of this operation.
    pub(crate) fn last(&self, operation: &str) -> Value {
        let requests = self.requests.lock().unwrap();
        requests.iter().rfind(|(asked, _)| asked == operation).map(|(_, body)| body.clone()).unwrap()
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script")
    }
}

impl Transport for Script {
    fn answer(&self, operation: String, body: String) -> Answer {
        let document: Value = serde_json::from_str(&body).unwrap();
        self.requests.lock().unwrap().push((operation.clone(), document.clone()));
        let fault = self.faults.lock().unwrap().get_mut(&operation).and_then(VecDeque::pop_front);
        let engine = Arc::clone(&self.engine);
        Box::pin(async move {
            match fault {
                None => engine.answer(operation, body).await,
                Some(Fault::Answer(status, document)) => Ok(Reply { status, body: document.to_string() }),
                Some(Fault::Break) => Err("the connection broke".to_owned()),
                Some(Fault::BreakAfterwards) => {
                    engine.answer(operation, body).await?;
                    Err("the connection broke".to_owned())
                }
                Some(Fault::LoseAnswer) => {
                    engine.answer(operation, without_token(document)).await?;
                    Ok(Reply { status: 500, body: json!({ "__type": "InternalServerError" }).to_string() })
                }
                Some(Fault::Silence) => std::future::pending().await,
                Some(Fault::HideItem) => Ok(without_item(engine.answer(operation, body).await?)),
                Some(Fault::Meanwhile(first)) => {
                    first.await;
                    engine.answer(operation, body).await
                }
            }
        })
    }
}

fn without_token(mut document: Value) -> String {
    document.as_object_mut().map(|document| document.remove("ClientRequestToken"));
    document.to_string()
}

fn without_item(reply: Reply) -> Reply {
    let mut document: Value = serde_json::from_str(&reply.body).unwrap();
    let mut hidden = document.as_object_mut().unwrap().remove("Item").is_some();
    for reason in document.get_mut("CancellationReasons").and_then(Value::as_array_mut).into_iter().flatten() {
        hidden |= reason.as_object_mut().unwrap().remove("Item").is_some();
    }
    assert!(hidden, "there is no row to hide in {document}");
    Reply { body: document.to_string(), ..reply }
}
