//! `Aws::SessionStore::DynamoDB::Native::Collector`.

use crate::convert::fetch;
use crate::error::{RubyResult, argument};
use crate::store::{Store, call};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{Error, Module, Object, RHash, RModule, Ruby, function, method};
use session_store_core::{CollectorOptions, CollectorProgress};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// One run of the garbage collection. Its counts may be read by other threads while it runs.
#[magnus::wrap(class = "Aws::SessionStore::DynamoDB::Native::Collector", free_immediately, size)]
struct Collector {
    options: CollectorOptions,
    progress: Arc<CollectorProgress>,
}

pub(crate) fn define(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("Collector", ruby.class_object())?;
    class.define_singleton_method("new", function!(Collector::new, 1))?;
    class.define_method("run", method!(Collector::run, 1))?;
    class.define_method("counts", method!(Collector::counts, 0))?;
    Ok(())
}

impl Collector {
    fn new(ruby: &Ruby, options: RHash) -> Result<Self, Error> {
        let options = CollectorOptions {
            total_segments: fetch(ruby, options, "total_segments")?,
            segments: fetch(ruby, options, "segments")?,
            scans: positive(ruby, options, "scans")?,
            deletions: positive(ruby, options, "deletions")?,
            page_size: fetch(ruby, options, "page_size")?,
            max_capacity: fetch(ruby, options, "max_capacity")?,
            max_attempts: fetch(ruby, options, "max_attempts")?,
            dry_run: fetch(ruby, options, "dry_run")?,
        };
        Ok(Self { options, progress: Arc::default() })
    }

    /// Collects the garbage of `store`, and returns the counts.
    fn run(ruby: &Ruby, this: &Self, store: Obj<Store>) -> RubyResult {
        let (options, progress) = (this.options.clone(), Arc::clone(&this.progress));
        call(ruby, store, move |store| async move { store.collect_garbage(&options, &progress).await })?;
        Self::counts(ruby, this)
    }

    fn counts(ruby: &Ruby, this: &Self) -> RubyResult {
        let counts = this.progress.counts();
        let hash = ruby.hash_new();
        hash.aset(ruby.to_symbol("scanned"), counts.scanned)?;
        hash.aset(ruby.to_symbol("garbage"), counts.garbage)?;
        hash.aset(ruby.to_symbol("deleted"), counts.deleted)?;
        hash.aset(ruby.to_symbol("spared"), counts.spared)?;
        hash.aset(ruby.to_symbol("unreadable"), counts.unreadable)?;
        hash.aset(ruby.to_symbol("consumed_capacity"), counts.consumed_capacity)?;
        Ok(hash.as_value())
    }
}

fn positive(ruby: &Ruby, options: RHash, name: &str) -> Result<NonZeroUsize, Error> {
    NonZeroUsize::new(fetch(ruby, options, name)?)
        .ok_or_else(|| argument(ruby, name, &Error::new(ruby.exception_arg_error(), "0 is not positive")))
}
