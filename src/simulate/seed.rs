//! The seed: the request that the page "Create or Update Profile Type (ARM)" shows, as the default
//! wherever something has to be created.

use serde_json::{Value, json};

/// A subscription that cannot exist.
pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
/// The resource group of the page's example.
pub const RESOURCE_GROUP: &str = "TestHubRG";
/// The hub of the published example.
pub const HUB: &str = "sdkTestHub";
/// The profile of the page's example: also the name of its entity set and of one of its fields.
pub const PROFILE: &str = "TestProfileType396";
/// The api-version that the page names.
pub const API_VERSION: &str = "2017-04-26";

/// The resource id of `profile` in the seed's hub.
#[must_use]
pub fn resource_id(profile: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/Microsoft.CustomerInsights/hubs/{HUB}\
         /profiles/{profile}"
    )
}

/// The body that creates the profile `name`, as pretty JSON ([`profile`]).
#[must_use]
pub fn profile_body(name: &str) -> String {
    format!("{:#}", profile(name))
}

/// The body that creates the profile `name`.
///
/// It is the page's: no `mediumImage`, image paths with doubled backslashes and an extension. The
/// page shows it flat; the wire nests it under `properties`, and so does this (`spec/profile.md`,
/// section 5).
#[must_use]
pub fn profile(name: &str) -> Value {
    let field =
        |name: &str, kind: &str| json!({ "fieldName": name, "fieldType": kind, "isArray": false, "isRequired": true });
    json!({
        "properties": {
            "strongIds": [
                { "keyPropertyNames": ["Id", "SavingAccountBalance"], "strongIdName": "Id" },
                { "keyPropertyNames": ["ProfileId", "LastName"], "strongIdName": "ProfileId" },
            ],
            "apiEntitySetName": name,
            "fields": [
                field("Id", "Edm.String"),
                field("ProfileId", "Edm.String"),
                field("LastName", "Edm.String"),
                field(name, "Edm.String"),
                field("SavingAccountBalance", "Edm.Int32"),
            ],
            "schemaItemTypeLink": "SchemaItemTypeLink",
            "smallImage": r"\\Images\\smallImage.jpg",
            "largeImage": r"\\Images\\LargeImage.jpg",
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_profile_in_three_places() {
        assert_eq!(
            resource_id(PROFILE),
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396"
        );
        assert_eq!(profile_body("Mine").matches("\"Mine\"").count(), 2);
    }

    #[test]
    fn the_body_is_the_pages() {
        insta::assert_snapshot!(profile_body(PROFILE), @r##"
        {
          "properties": {
            "strongIds": [
              {
                "keyPropertyNames": [
                  "Id",
                  "SavingAccountBalance"
                ],
                "strongIdName": "Id"
              },
              {
                "keyPropertyNames": [
                  "ProfileId",
                  "LastName"
                ],
                "strongIdName": "ProfileId"
              }
            ],
            "apiEntitySetName": "TestProfileType396",
            "fields": [
              {
                "fieldName": "Id",
                "fieldType": "Edm.String",
                "isArray": false,
                "isRequired": true
              },
              {
                "fieldName": "ProfileId",
                "fieldType": "Edm.String",
                "isArray": false,
                "isRequired": true
              },
              {
                "fieldName": "LastName",
                "fieldType": "Edm.String",
                "isArray": false,
                "isRequired": true
              },
              {
                "fieldName": "TestProfileType396",
                "fieldType": "Edm.String",
                "isArray": false,
                "isRequired": true
              },
              {
                "fieldName": "SavingAccountBalance",
                "fieldType": "Edm.Int32",
                "isArray": false,
                "isRequired": true
              }
            ],
            "schemaItemTypeLink": "SchemaItemTypeLink",
            "smallImage": "\\\\Images\\\\smallImage.jpg",
            "largeImage": "\\\\Images\\\\LargeImage.jpg"
          }
        }
        "##);
    }
}
