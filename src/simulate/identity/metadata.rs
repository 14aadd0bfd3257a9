//! `/metadata/endpoints`: how the Azure CLI and Terraform learn about the cloud that they are in.

use serde_json::{Value, json};

use super::super::target::Target;

/// What differs between the clouds.
struct Cloud {
    name: &'static str,
    arm: &'static str,
    login: &'static str,
    portal: &'static str,
    management: &'static str,
    graph: &'static str,
    storage: &'static str,
    key_vault: &'static str,
    sql: &'static str,
    registry: &'static str,
}

const CLOUDS: [Cloud; 3] = [
    Cloud {
        name: "AzureCloud",
        arm: "management.azure.com",
        login: "https://login.microsoftonline.com",
        portal: "https://portal.azure.com",
        management: "https://management.core.windows.net/",
        graph: "https://graph.microsoft.com/",
        storage: "core.windows.net",
        key_vault: "vault.azure.net",
        sql: "database.windows.net",
        registry: "azurecr.io",
    },
    Cloud {
        name: "AzureUSGovernment",
        arm: "management.usgovcloudapi.net",
        login: "https://login.microsoftonline.us",
        portal: "https://portal.azure.us",
        management: "https://management.core.usgovcloudapi.net/",
        graph: "https://graph.microsoft.us/",
        storage: "core.usgovcloudapi.net",
        key_vault: "vault.usgovcloudapi.net",
        sql: "database.usgovcloudapi.net",
        registry: "azurecr.us",
    },
    Cloud {
        name: "AzureChinaCloud",
        arm: "management.chinacloudapi.cn",
        login: "https://login.chinacloudapi.cn",
        portal: "https://portal.azure.cn",
        management: "https://management.core.chinacloudapi.cn/",
        graph: "https://microsoftgraph.chinacloudapi.cn/",
        storage: "core.chinacloudapi.cn",
        key_vault: "vault.azure.cn",
        sql: "database.chinacloudapi.cn",
        registry: "azurecr.cn",
    },
];

/// The cloud of `host`, in the shape of the api-version that was asked for.
pub(super) fn endpoints(target: &Target, host: &str) -> Value {
    let known = CLOUDS.iter().find(|cloud| cloud.arm.eq_ignore_ascii_case(host));
    let cloud = known.unwrap_or(&CLOUDS[0]);
    // A client that was given armtape's own address has no proxy in between: it has to ask for its
    // tokens here too, or it would leave the machine.
    let login = if known.is_some() { cloud.login } else { &target.base };
    let version = target.query("api-version").unwrap_or_default();
    // Versions are dates, so that text sorts them; `1.0` is the oldest and sorts first as well.
    if version < "2018" {
        return json!({
            "galleryEndpoint": "https://gallery.azure.com/",
            "graphEndpoint": "https://graph.windows.net/",
            "portalEndpoint": cloud.portal,
            "authentication": { "loginEndpoint": login, "audiences": audiences(cloud) },
        });
    }
    let whole = whole(cloud, &format!("{}/", target.base), login);
    // An array of clouds up to 2020, one cloud since 2022.
    if version < "2022" { json!([whole]) } else { whole }
}

fn audiences(cloud: &Cloud) -> [String; 2] {
    [cloud.management.to_owned(), format!("https://{}/", cloud.arm)]
}

fn whole(cloud: &Cloud, resource_manager: &str, login: &str) -> Value {
    let management = cloud.management.trim_end_matches('/');
    json!({
        "name": cloud.name,
        "portal": cloud.portal,
        "authentication": {
            "loginEndpoint": login,
            "audiences": audiences(cloud),
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": resource_manager,
        "sqlManagement": format!("{management}:8443/"),
        "gallery": "https://gallery.azure.com/",
        "graph": "https://graph.windows.net/",
        "graphAudience": "https://graph.windows.net/",
        "microsoftGraphResourceId": cloud.graph,
        "batch": format!("https://batch.{}/", cloud.storage),
        "media": "https://rest.media.azure.net",
        "vmImageAliasDoc": "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "appInsightsResourceId": "https://api.applicationinsights.io",
        "logAnalyticsResourceId": "https://api.loganalytics.io",
        "ossrDbmsResourceId": format!("https://ossrdbms-aad.{}", cloud.sql),
        "synapseAnalyticsResourceId": "https://dev.azuresynapse.net",
        "attestationResourceId": "https://attest.azure.net",
        "suffixes": {
            "storage": cloud.storage,
            "keyVaultDns": cloud.key_vault,
            "sqlServerHostname": cloud.sql,
            "acrLoginServer": cloud.registry,
            "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
            "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
            "azureFrontDoorEndpointSuffix": "azurefd.net",
            "storageSyncEndpointSuffix": "afs.azure.net",
            "mhsmDns": "managedhsm.azure.net",
            "mysqlServerEndpoint": format!("mysql.{}", cloud.sql),
            "postgresqlServerEndpoint": format!("postgres.{}", cloud.sql),
            "mariadbServerEndpoint": format!("mariadb.{}", cloud.sql),
            "synapseAnalytics": "dev.azuresynapse.net",
        },
    })
}
