//! `Aws::SessionStore::DynamoDB::Native::Inspection`.

use crate::error::RubyResult;
use crate::store::{Store, call};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{Error, Module, Object, RModule, Ruby, Value, function};
use session_store_core::identify;

pub(crate) fn define(native: RModule) -> Result<(), Error> {
    let module = native.define_module("Inspection")?;
    module.define_singleton_method("identity", function!(identity, 1))?;
    module.define_singleton_method("table", function!(table, 1))?;
    module.define_singleton_method("time_to_live", function!(time_to_live, 1))?;
    module.define_singleton_method("try_scan", function!(try_scan, 1))?;
    module.define_singleton_method("clock_offset", function!(clock_offset, 1))?;
    Ok(())
}

fn identity(ruby: &Ruby, store: Obj<Store>) -> RubyResult {
    let settings = store.client_settings();
    let found = call(ruby, store, move |_| async move { identify(&settings).await })?;
    let hash = ruby.hash_new();
    hash.aset(ruby.to_symbol("region"), found.region)?;
    hash.aset(ruby.to_symbol("region_source"), found.region_source)?;
    hash.aset(ruby.to_symbol("access_key"), found.access_key)?;
    hash.aset(ruby.to_symbol("credentials_source"), found.credentials_source)?;
    hash.aset(ruby.to_symbol("expires_at"), found.expires_at)?;
    hash.aset(ruby.to_symbol("account_id"), found.account_id)?;
    Ok(hash.as_value())
}

fn table(ruby: &Ruby, store: Obj<Store>) -> Result<Option<Value>, Error> {
    let Some(found) = call(ruby, store, move |store| async move { store.table.state().await })? else {
        return Ok(None);
    };
    let hash = ruby.hash_new();
    hash.aset(ruby.to_symbol("arn"), found.arn)?;
    hash.aset(ruby.to_symbol("status"), found.status)?;
    hash.aset(ruby.to_symbol("keys"), ruby.ary_from_iter(found.keys))?;
    hash.aset(ruby.to_symbol("throughput"), found.throughput)?;
    Ok(Some(hash.as_value()))
}

/// `[status, attribute]`
fn time_to_live(ruby: &Ruby, store: Obj<Store>) -> Result<(String, Option<String>), Error> {
    call(ruby, store, move |store| async move { store.table.time_to_live().await })
}

fn try_scan(ruby: &Ruby, store: Obj<Store>) -> Result<(), Error> {
    call(ruby, store, move |store| async move { store.table.try_scan().await })
}

fn clock_offset(ruby: &Ruby, store: Obj<Store>) -> Result<Option<f64>, Error> {
    call(ruby, store, move |store| async move { store.table.clock_offset().await })
}
