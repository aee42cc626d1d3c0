//! `Aws::SessionStore::DynamoDB::Native::Store`.

use crate::convert::{Guarded, Locking, Properties, Written, created, duration, fetch, item, row, saved};
use crate::error::{RubyResult, raise};
use crate::lane;
use crate::lock::LockKeeper;
use crate::process::{self, Client, Process};
use crate::wait::{Delegate, wait};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{Error, Module, Object, RHash, RModule, Ruby, Value, function, method};
use session_store_core::{
    ClientSettings, Engines, Error as CoreError, Limits, Store as CoreStore, Table, Transport, connect, measured,
};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

/// The settings of one store. Its client belongs to the process and is made at the first call.
#[magnus::wrap(class = "Aws::SessionStore::DynamoDB::Native::Store", free_immediately, size)]
pub(crate) struct Store {
    settings: Arc<Settings>,
    client: Mutex<Option<(u32, Client)>>,
    /// Whether each call leaves what it cost in the fiber's variable [`STATS`].
    measured: bool,
}

/// `[attempts, capacity_units, item_bytes]`
const STATS: &str = "aws_session_store_stats";

struct Settings {
    client: ClientSettings,
    /// Whether requests go to a client object of Ruby's, the store's attribute `client`.
    delegated: bool,
    table_name: String,
    table_key: String,
    consistent_read: bool,
    limits: Limits,
}

pub(crate) fn define(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("Store", ruby.class_object())?;
    class.define_singleton_method("new", function!(Store::new, 1))?;
    class.define_method("measured", method!(Store::measured, 0))?;
    class.define_method("load", method!(Store::load, 1))?;
    class.define_method("create", method!(Store::create, 2))?;
    class.define_method("save", method!(Store::save, 3))?;
    class.define_method("touch", method!(Store::touch, 3))?;
    class.define_method("rename", method!(Store::rename, 4))?;
    class.define_method("lock", method!(Store::lock, 3))?;
    class.define_method("keep_lock", method!(Store::keep_lock, 3))?;
    class.define_method("renew_lock", method!(Store::renew_lock, 2))?;
    class.define_method("unlock", method!(Store::unlock, 2))?;
    class.define_method("touch_and_unlock", method!(Store::touch_and_unlock, 4))?;
    class.define_method("destroy", method!(Store::destroy, 1))?;
    class.define_method("item", method!(Store::item, 1))?;
    class.define_method("request_table", method!(Store::request_table, 1))?;
    class.define_method("activate_table", method!(Store::activate_table, 1))?;
    class.define_method("delete_table", method!(Store::delete_table, 0))?;
    class.define_method("table_exists", method!(Store::table_exists, 0))?;
    Ok(())
}

impl Store {
    fn new(ruby: &Ruby, options: RHash) -> Result<Self, Error> {
        let client = ClientSettings {
            region: fetch(ruby, options, "region")?,
            endpoint: fetch(ruby, options, "endpoint")?,
            profile: fetch(ruby, options, "profile")?,
            access_key_id: fetch(ruby, options, "access_key_id")?,
            secret_access_key: fetch(ruby, options, "secret_access_key")?,
            session_token: fetch(ruby, options, "session_token")?,
            http_open_timeout: duration(ruby, options, "http_open_timeout")?,
            http_read_timeout: duration(ruby, options, "http_read_timeout")?,
            max_attempts: fetch(ruby, options, "max_attempts")?,
            call_timeout: duration(ruby, options, "call_timeout")?,
        };
        let limits =
            Limits { max_age: fetch(ruby, options, "max_age")?, max_stale: fetch(ruby, options, "max_stale")? };
        let settings = Settings {
            client,
            table_name: fetch(ruby, options, "table_name")?,
            table_key: fetch(ruby, options, "table_key")?,
            consistent_read: fetch(ruby, options, "consistent_read")?,
            limits,
            delegated: fetch(ruby, options, "delegated")?,
        };
        Ok(Self { settings: Arc::new(settings), client: Mutex::default(), measured: false })
    }

    /// The same store, on the same client, whose calls are measured.
    fn measured(&self) -> Self {
        Self { settings: Arc::clone(&self.settings), client: Mutex::default(), measured: true }
    }

    fn load(ruby: &Ruby, this: Obj<Self>, id: String) -> Result<Option<Value>, Error> {
        let found = call(ruby, this, move |store| async move { store.load(&id).await })?;
        Ok(found.map(|found| row(ruby, found)))
    }

    fn create(ruby: &Ruby, this: Obj<Self>, id: String, write: Written) -> RubyResult {
        call(ruby, this, move |store| async move { store.create(&id, write.into()).await })
            .map(|outcome| created(ruby, outcome))
    }

    fn save(ruby: &Ruby, this: Obj<Self>, id: String, write: Written, guard: Guarded) -> RubyResult {
        call(ruby, this, move |store| async move { store.save(&id, write.into(), guard.into()).await })
            .map(|outcome| saved(ruby, outcome))
    }

    fn touch(
        ruby: &Ruby,
        this: Obj<Self>,
        id: String,
        created_at: Option<f64>,
        expire_after: Option<f64>,
    ) -> Result<bool, Error> {
        call(ruby, this, move |store| async move { store.touch(&id, created_at, expire_after).await })
    }

    fn rename(ruby: &Ruby, this: Obj<Self>, from: String, to: String, write: Written, guard: Guarded) -> RubyResult {
        call(ruby, this, move |store| async move { store.rename(&from, &to, write.into(), guard.into()).await })
            .map(|outcome| saved(ruby, outcome))
    }

    fn lock(ruby: &Ruby, this: Obj<Self>, id: String, token: String, locking: Locking) -> Result<Option<Value>, Error> {
        let found = call(ruby, this, move |store| async move { store.lock(&id, &token, locking.0).await })?;
        Ok(found.map(|found| row(ruby, found)))
    }

    fn renew_lock(ruby: &Ruby, this: Obj<Self>, id: String, token: String) -> Result<bool, Error> {
        call(ruby, this, move |store| async move { store.renew_lock(&id, &token).await })
    }

    fn unlock(ruby: &Ruby, this: Obj<Self>, id: String, token: String) -> Result<(), Error> {
        call(ruby, this, move |store| async move { store.unlock(&id, &token).await })
    }

    fn touch_and_unlock(
        ruby: &Ruby,
        this: Obj<Self>,
        id: String,
        token: String,
        created_at: Option<f64>,
        expire_after: Option<f64>,
    ) -> Result<bool, Error> {
        call(
            ruby,
            this,
            move |store| async move { store.touch_and_unlock(&id, &token, created_at, expire_after).await },
        )
    }

    fn destroy(ruby: &Ruby, this: Obj<Self>, id: String) -> Result<(), Error> {
        call(ruby, this, move |store| async move { store.destroy(&id).await })
    }

    fn item(ruby: &Ruby, this: Obj<Self>, id: String) -> Result<Option<Value>, Error> {
        let found = call(ruby, this, move |store| async move { store.item(&id, true).await })?;
        found.map(|found| item(ruby, found)).transpose()
    }

    fn request_table(ruby: &Ruby, this: Obj<Self>, properties: Properties) -> Result<bool, Error> {
        call(ruby, this, move |store| async move { store.table.request(&properties.0).await })
    }

    fn activate_table(ruby: &Ruby, this: Obj<Self>, properties: Properties) -> Result<(), Error> {
        call(ruby, this, move |store| async move { store.table.activate(&properties.0).await })
    }

    fn delete_table(ruby: &Ruby, this: Obj<Self>) -> Result<bool, Error> {
        call(ruby, this, move |store| async move { store.table.delete().await })
    }

    fn table_exists(ruby: &Ruby, this: Obj<Self>) -> Result<bool, Error> {
        call(ruby, this, move |store| async move { store.table.exists().await })
    }

    /// Starts to renew a lock; stops with the object that is returned.
    fn keep_lock(
        ruby: &Ruby,
        this: Obj<Self>,
        id: String,
        token: String,
        locking: Locking,
    ) -> Result<LockKeeper, Error> {
        let process = process::current();
        let (client, settings) = (this.client(process), Arc::clone(&this.settings));
        let task = process.runtime(ruby)?.spawn(async move {
            if let Ok(store) = settings.store(process, &client).await {
                store.keep_lock(&id, &token, locking.0.expiry).await;
            }
        });
        Ok(LockKeeper::new(process.id, task.abort_handle()))
    }

    pub(crate) fn client_settings(&self) -> ClientSettings {
        self.settings.client.clone()
    }

    fn client(&self, process: &Process) -> Client {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        match client.as_ref() {
            Some((id, client)) if *id == process.id => Arc::clone(client),
            _ => {
                let found = process.client(&self.settings.client, self.settings.delegated);
                client.insert((process.id, found)).1.clone()
            }
        }
    }
}

impl Settings {
    async fn store(&self, process: &'static Process, client: &Client) -> Result<CoreStore, CoreError> {
        let client = client.get_or_try_init(|| connected(process, &self.client, self.delegated)).await?.clone();
        let region = client.config().region().map(ToString::to_string);
        let place = self.client.endpoint.clone().or(region).unwrap_or_default();
        let table = Table { client, name: self.table_name.clone(), key: self.table_key.clone(), place };
        Ok(CoreStore { table, limits: self.limits, consistent_read: self.consistent_read })
    }
}

/// One call of the core, on this process's client or on the one that Ruby has given.
pub(crate) fn call<T, F, R>(ruby: &Ruby, this: Obj<Store>, operation: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(CoreStore) -> R + Send + 'static,
    R: Future<Output = Result<T, CoreError>> + Send + 'static,
{
    let process = process::current();
    let (client, settings) = (this.client(process), Arc::clone(&this.settings));
    let delegate = if settings.delegated { Some(this.funcall("client", ())?) } else { None };
    let connecting = Arc::clone(&settings);
    let future = async move { operation(connecting.store(process, &client).await?).await };
    let called = if this.measured {
        let (called, stats) = run(ruby, process, &settings, delegate, measured(future))?;
        ruby.thread_current().local_aset(STATS, (stats.attempts, stats.capacity_units, stats.item_bytes))?;
        called
    } else {
        run(ruby, process, &settings, delegate, future)?
    };
    called.map_err(|error| raise(ruby, error))
}

/// On the thread of the caller where the network is waited for. Not where its other fibers are to run meanwhile, nor
/// where the call is made by something that blocks or that is Ruby's.
fn run<F>(
    ruby: &Ruby,
    process: &'static Process,
    settings: &Settings,
    delegate: Option<Value>,
    future: F,
) -> Result<F::Output, Error>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    if delegate.is_some() || Engines::named(settings.client.endpoint.as_deref()) || scheduled(ruby)? {
        wait(ruby, process, delegate, future)
    } else {
        lane::run(ruby, process, future)
    }
}

/// Whether a scheduler runs other fibers while this one waits.
fn scheduled(ruby: &Ruby) -> Result<bool, Error> {
    let fiber: Value = ruby.class_object().const_get("Fiber")?;
    let scheduler: Value = fiber.funcall("current_scheduler", ())?;
    Ok(!scheduler.is_nil())
}

async fn connected(
    process: &'static Process,
    settings: &ClientSettings,
    delegated: bool,
) -> Result<aws_sdk_dynamodb::Client, CoreError> {
    let transport: Option<Arc<dyn Transport>> = match delegated {
        true => Some(Arc::new(Delegate)),
        false if !Engines::named(settings.endpoint.as_deref()) => None,
        false => {
            let endpoint = settings.endpoint.clone();
            // It waits for a file that another process has for itself, and no other call is to wait with it.
            let opened = tokio::task::spawn_blocking(move || process.engines.open(endpoint.as_deref())).await;
            opened.map_err(|error| CoreError::Network(format!("the embedded engine failed: {error}")))??
        }
    };
    connect(settings, transport).await
}
