//! `Aws::SessionStore::DynamoDB::Native::Signer`.

use magnus::{Error, Module, Object, RArray, RModule, RString, Ruby, TryConvert, function, method};
use session_store_core::Signer as CoreSigner;

#[magnus::wrap(class = "Aws::SessionStore::DynamoDB::Native::Signer", free_immediately, size)]
struct Signer(CoreSigner);

pub(crate) fn define(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("Signer", ruby.class_object())?;
    class.define_singleton_method("new", function!(Signer::new, 1))?;
    class.define_method("sign", method!(Signer::sign, 1))?;
    class.define_method("accepts?", method!(Signer::accepts, 2))?;
    Ok(())
}

impl Signer {
    fn new(keys: RArray) -> Result<Self, Error> {
        let keys = keys.into_iter().map(|key| RString::try_convert(key).map(|key| key.to_bytes()));
        Ok(Self(CoreSigner::new(keys.collect::<Result<Vec<_>, _>>()?)))
    }

    fn sign(&self, text: RString) -> Option<String> {
        self.0.sign(&text.to_bytes())
    }

    fn accepts(&self, signature: RString, text: RString) -> bool {
        self.0.accepts(&signature.to_bytes(), &text.to_bytes())
    }
}
