//! What stands in the URL.

use proptest::{prelude::*, sample};

use super::super::API_VERSIONS;

/// Names that a profile may have, from two letters to 128.
pub fn names() -> BoxedStrategy<String> {
    prop_oneof![
        8 => "[a-zA-Z][a-zA-Z0-9_]{1,20}",
        1 => "[a-zA-Z][a-zA-Z0-9_]{126,127}",
    ]
    .boxed()
}

/// Names that no profile may have. Each can stand in the path of a URL.
pub fn invalid_names() -> BoxedStrategy<String> {
    prop_oneof![
        "[a-zA-Z]",
        "[0-9_][a-zA-Z0-9_]{1,8}",
        "[a-zA-Z][a-zA-Z0-9_]{0,4}[-. ~'!é名][a-zA-Z0-9_]{1,4}",
        "[é名][a-z]{1,4}",
        "[a-zA-Z][a-zA-Z0-9_]{128,140}",
    ]
    .boxed()
}

/// The versions of the provider.
pub fn api_versions() -> BoxedStrategy<String> {
    sample::select(API_VERSIONS.to_vec()).prop_map(str::to_owned).boxed()
}

/// Versions that the provider does not have.
pub fn invalid_api_versions() -> BoxedStrategy<String> {
    prop_oneof![
        sample::select(vec!["2016-01-01", "2017-04-26-preview", "2017-4-26", "latest", "1.0", ""])
            .prop_map(str::to_owned),
        "20(0[0-9]|1[0-58-9])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9])",
    ]
    .boxed()
}
