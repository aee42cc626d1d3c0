//! Where requests go: over the network, or to something in this process that speaks DynamoDB's JSON.
//!
//! The seam is the SDK's own HTTP client, so that everything above it exists once.

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// An answer in DynamoDB's JSON protocol.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status: 200, or 400 and 500 with an error document.
    pub status: u16,
    /// The JSON document.
    pub body: String,
}

/// What [`Transport::answer`] returns. Its error is for an answer that did not come about at all.
pub type Answer = Pin<Box<dyn Future<Output = Result<Reply, String>> + Send>>;

/// Something in this process that answers DynamoDB's JSON protocol.
pub trait Transport: Debug + Send + Sync + 'static {
    /// Answers one request. `operation` is DynamoDB's name for it, such as `GetItem`; `body` is its JSON document.
    fn answer(&self, operation: String, body: String) -> Answer;
}

pub(crate) fn http_client(transport: Arc<dyn Transport>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector(transport));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Connector(Arc<dyn Transport>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // DynamoDB_20120810.GetItem
        let operation = request.headers().get("x-amz-target").and_then(|target| target.split('.').next_back());
        let body = request.body().bytes().map(|body| String::from_utf8_lossy(body).into_owned());
        let (Some(operation), Some(body)) = (operation, body) else {
            return HttpConnectorFuture::ready(Err(failure("the request is none of DynamoDB's")));
        };
        let answer = self.0.answer(operation.to_owned(), body);
        HttpConnectorFuture::new(async move {
            let reply = answer.await.map_err(failure)?;
            let status = reply.status.try_into().map_err(|_| failure("an HTTP status out of range"))?;
            let mut response = HttpResponse::new(status, SdkBody::from(reply.body));
            response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
            Ok(response)
        })
    }
}

fn failure(message: impl Into<String>) -> ConnectorError {
    ConnectorError::other(message.into().into(), None)
}
