//! What other recorders and hands have put in the place of values: it stays.

use std::sync::LazyLock;

use regex::Regex;

use super::layer::Base64;

static PLACEHOLDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\s*(?:",
        r"|\W*(?:sanitized|sanitised|redacted|hidden|removed|masked|fake_?\w*|dummy\w*|placeholder\w*|mock\w*)\W*",
        // What the test proxy of the Azure SDKs has in the place of ids.
        r"|azure_(?:client|tenant|subscription)_id",
        r"|x{3,}|\*+|null|none|true|false|enabled|disabled|default|string",
        // A name in them; anything else in braces may be an object with a secret in it.
        r"|\$?\{[\w .-]*\}|<[\w .-]*>|\[redacted\]|\$\([\w .-]*\)",
        // Templates and references of ARM.
        r"|\[[a-z]+\(.*\)\]|@microsoft\.keyvault\(.*\)",
        r")\s*$",
    ))
    .ok()
});

/// Whether `text` says that it stands for something else.
pub(super) fn is_placeholder(text: &str) -> bool {
    if text.len() > 200 {
        return false;
    }
    let says_so = |text: &str| PLACEHOLDER.as_ref().is_some_and(|pattern| pattern.is_match(text));
    says_so(text)
        || is_zero_guid(text)
        // `Sanitized`, which is too short to be looked into otherwise.
        || text.trim_end_matches('=') == "U2FuaXRpemVk"
        || Base64::decode(text).is_some_and(|decoded| says_so(&decoded.text))
}

/// Whether `text` is a GUID that nobody drew: of zeros, of ones, or of one digit but for the last.
pub(super) fn is_zero_guid(text: &str) -> bool {
    if !super::stand_in::is_guid(text) {
        return false;
    }
    let digits: std::collections::BTreeSet<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    digits.len() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_something_else_is_told() {
        for text in [
            "Sanitized",
            "U2FuaXRpemVk",
            "REDACTED",
            "[redacted]",
            "***",
            "{PASSWORD}",
            "<ACCESS_TOKEN>",
            "XXX",
            "Placeholder123",
            "azure_client_id",
            "[parameters('p')]",
            "@Microsoft.KeyVault(SecretUri=https://v/x)",
            "",
            "00000000-0000-0000-0000-000000000001",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "hunter2",
            "sanitized-not",
            "5a19f233-79ae-4b7e-855d-04bfcac8bf04",
            "x{y}",
            "{\"password\": \"x\"}",
            "<p>x</p>",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
