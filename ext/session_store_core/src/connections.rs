//! Connections, kept by the runtime that works on them.

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Handle, Id};

/// A client of HTTP for any number of runtimes. A connection is served by a task of the runtime on which it was made;
/// on another one, a call would wait until somebody runs the first again.
#[derive(Debug)]
pub(crate) struct Connections {
    tls: bool,
    clients: Mutex<HashMap<Id, SharedHttpClient>>,
}

impl Connections {
    /// Without TLS the certificates of the system are not read.
    pub(crate) fn new(tls: bool) -> Self {
        Self { tls, clients: Mutex::default() }
    }

    fn client(&self) -> SharedHttpClient {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let client = clients.entry(Handle::current().id()).or_insert_with(|| match self.tls {
            true => Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
            false => Builder::new().build_http(),
        });
        client.clone()
    }
}

impl HttpClient for Connections {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.client().http_connector(settings, components)
    }
}
