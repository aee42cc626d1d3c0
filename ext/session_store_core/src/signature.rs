//! Signatures of session ids: HMAC-SHA256 in hexadecimal digits.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// Signs with its first key and accepts what any of them has signed, so that a key can be changed.
pub struct Signer {
    keys: Vec<Hmac<Sha256>>,
}

impl Signer {
    /// Keys of any length.
    pub fn new<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>) -> Self {
        // HMAC takes every length: what cannot be is left out rather than unwrapped.
        Self { keys: keys.into_iter().filter_map(|key| Hmac::new_from_slice(key.as_ref()).ok()).collect() }
    }

    /// 64 lower case digits; `None` without a key.
    pub fn sign(&self, text: &[u8]) -> Option<String> {
        let mut mac = self.keys.first()?.clone();
        mac.update(text);
        Some(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Whether one of the keys has signed `text`. It takes the same time for every wrong signature.
    pub fn accepts(&self, signature: &[u8], text: &[u8]) -> bool {
        let Some(signature) = bytes(signature) else {
            return false;
        };
        self.keys.iter().any(|key| {
            let mut mac = key.clone();
            mac.update(text);
            mac.verify_slice(&signature).is_ok()
        })
    }
}

/// The keys are secret.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

/// Lower case only: there is one way to write a signature, so that a cookie has one form.
fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// <https://www.rfc-editor.org/rfc/rfc4231#section-4.3>
    #[test]
    fn signs_as_the_standard_says() {
        let signer = Signer::new([b"Jefe"]);
        let signature = signer.sign(b"what do ya want for nothing?").unwrap();
        assert_eq!(signature, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(signer.accepts(signature.as_bytes(), b"what do ya want for nothing?"));
    }

    /// <https://www.rfc-editor.org/rfc/rfc4231#section-4.7>: a key longer than a block.
    #[test]
    fn takes_keys_of_any_length() {
        let signature = Signer::new([[0xaa; 131]]).sign(b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(signature.unwrap(), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        assert!(Signer::new([""]).sign(b"").is_some());
    }

    #[test]
    fn accepts_what_any_key_has_signed_and_nothing_else() {
        let old = Signer::new(["old"]).sign(b"id").unwrap();
        let both = Signer::new(["new", "old"]);
        assert!(both.accepts(old.as_bytes(), b"id"));
        assert_ne!(both.sign(b"id").unwrap(), old);
        for (signature, text) in [
            (old.as_bytes(), b"ie".as_slice()),
            (&old.as_bytes()[..63], b"id"),
            (&old.as_bytes()[..62], b"id"),
            (old.to_uppercase().as_bytes(), b"id"),
            (format!("{old}00").as_bytes(), b"id"),
            (b"", b"id"),
            ("é".repeat(32).as_bytes(), b"id"),
        ] {
            assert!(!both.accepts(signature, text));
        }
        assert!(!Signer::new([""; 0]).accepts(old.as_bytes(), b"id"));
    }

    #[test]
    fn keeps_its_keys_for_itself() {
        assert_eq!(format!("{:?}", Signer::new(["secret"])), "Signer");
    }
}
