//! The identity stub: it gives a token to whoever asks, so that a client runs offline with the
//! credential code that it has, and no real credential is needed or ever sent anywhere.
//!
//! The answers are those that MSAL for Python, `@azure/msal-node`, the Azure CLI and Terraform read.
//! [`environment`] holds the credentials that belong to it; [`CLEARED`] names the variables that would
//! lead a client to another kind of credential.

mod metadata;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    reply::Reply,
    seed,
    target::{Target, find, form},
};

/// The hosts that hand out tokens, in the public cloud and the sovereign ones.
pub const HOSTS: &[&str] = &[
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.chinacloudapi.cn",
    "login.partner.microsoftonline.cn",
];

/// The tenant of the stub: plainly made up.
pub const TENANT_ID: &str = "11111111-1111-1111-1111-111111111111";
const CLIENT_ID: &str = "22222222-2222-2222-2222-222222222222";
const OBJECT_ID: &str = "33333333-3333-3333-3333-333333333333";
const CLIENT_SECRET: &str = "armtape-stub-secret";
/// How long a token lasts, as the real service has it.
const LIFETIME: i64 = 3599;

/// Variables that must not reach a client of the stub: each makes it try another kind of credential,
/// or look for one elsewhere.
pub const CLEARED: &[&str] = &[
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_USERNAME",
    "AZURE_PASSWORD",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_REGIONAL_AUTHORITY_NAME",
    // Restricts `DefaultAzureCredential` to kinds that may leave the environment's out.
    "AZURE_TOKEN_CREDENTIALS",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "ARM_CLIENT_CERTIFICATE",
    "ARM_CLIENT_CERTIFICATE_PATH",
    "ARM_CLIENT_CERTIFICATE_PASSWORD",
    "ARM_CLIENT_ID_FILE_PATH",
    "ARM_CLIENT_SECRET_FILE_PATH",
    "ARM_USE_OIDC",
    "ARM_OIDC_TOKEN",
    "ARM_OIDC_TOKEN_FILE_PATH",
    "ARM_OIDC_REQUEST_TOKEN",
    "ARM_OIDC_REQUEST_URL",
    "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
    "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
    "ARM_USE_AKS_WORKLOAD_IDENTITY",
    "ARM_USE_MSI",
    "ARM_MSI_ENDPOINT",
    "ARM_MSI_API_VERSION",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "SYSTEM_ACCESSTOKEN",
    "SYSTEM_OIDCREQUESTURI",
];

/// The credentials of the stub, by the variables in which SDKs and Terraform look for them.
#[must_use]
pub fn environment() -> Vec<(&'static str, &'static str)> {
    vec![
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ("ARM_TENANT_ID", TENANT_ID),
        ("ARM_CLIENT_ID", CLIENT_ID),
        ("ARM_CLIENT_SECRET", CLIENT_SECRET),
        ("ARM_SUBSCRIPTION_ID", seed::SUBSCRIPTION),
    ]
}

/// Whether `host`, without a port, hands out tokens.
#[must_use]
pub fn is_identity_host(host: &str) -> bool {
    HOSTS.iter().any(|known| known.eq_ignore_ascii_case(host))
}

/// Answers a request that is about identity; `None` for any other.
///
/// An identity host is answered whatever is asked. Elsewhere the path decides: a client that was given
/// armtape's address as its authority asks there.
#[must_use]
pub fn answer(request: &Request<Bytes>, now: Timestamp) -> Option<Response<Bytes>> {
    let target = Target::of(request.uri(), "https://login.microsoftonline.com");
    let host = request.uri().host().unwrap_or_default();
    let words = target.words();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let named = target.segments.first().map_or("", String::as_str);
    let ok = |body| Reply::json(StatusCode::OK, body);
    let reply = match (request.method(), words.as_slice()) {
        (&Method::GET, ["common", "discovery", "instance"]) => ok(instance(&target)),
        (&Method::GET, [_, "v2.0", ".well-known", "openid-configuration"]) => ok(openid(&target.base, named, true)),
        (&Method::GET, [_, ".well-known", "openid-configuration"]) => ok(openid(&target.base, named, false)),
        (&Method::GET, [_, "discovery", "v2.0", "keys"] | [_, "discovery", "keys"]) => ok(json!({ "keys": [] })),
        (&Method::POST, [_, "oauth2", "v2.0", "token"]) => token(request.body(), named, true, now),
        (&Method::POST, [_, "oauth2", "token"]) => token(request.body(), named, false, now),
        (&Method::GET, ["metadata", "endpoints"]) if !is_identity_host(host) => {
            let target = Target::of(request.uri(), "https://management.azure.com");
            ok(metadata::endpoints(&target, request.uri().host().unwrap_or("management.azure.com")))
        }
        (method, _) if is_identity_host(host) => {
            let description = format!("armtape's identity stub has no answer to {method} {}.", target.path);
            oauth_error(StatusCode::NOT_FOUND, "invalid_request", &description)
        }
        _ => return None,
    };
    Some(reply.into_response(now))
}

/// Which hosts are one and the same authority.
fn instance(target: &Target) -> Value {
    // The client names the authority that it wants checked; its first segment is the tenant.
    let tenant = target
        .query("authorization_endpoint")
        .and_then(|endpoint| endpoint.split_once("://"))
        .and_then(|(_, rest)| rest.split('/').nth(1))
        .filter(|tenant| !tenant.is_empty())
        .unwrap_or("common");
    let cloud = |network: &str, cache: &str, aliases: &[&str]| json!({ "preferred_network": network, "preferred_cache": cache, "aliases": aliases });
    json!({
        "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", target.base),
        "api-version": "1.1",
        "metadata": [
            cloud(
                "login.microsoftonline.com",
                "login.windows.net",
                &["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
            ),
            cloud(
                "login.partner.microsoftonline.cn",
                "login.partner.microsoftonline.cn",
                &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
            ),
            cloud(
                "login.microsoftonline.us",
                "login.microsoftonline.us",
                &["login.microsoftonline.us", "login.usgovcloudapi.net"],
            ),
        ],
    })
}

/// Where a tenant's endpoints are.
fn openid(base: &str, tenant: &str, v2: bool) -> Value {
    let (part, issuer) = if v2 {
        ("/v2.0", issuer(base, tenant))
    } else {
        ("", format!("https://sts.windows.net/{}/", issued_by(tenant)))
    };
    json!({
        "token_endpoint": format!("{base}/{tenant}/oauth2{part}/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/{tenant}/discovery{part}/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/{tenant}/oauth2{part}/authorize"),
        "device_authorization_endpoint": format!("{base}/{tenant}/oauth2{part}/devicecode"),
        "tenant_region_scope": "NA",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
    })
}

fn issuer(base: &str, tenant: &str) -> String {
    format!("{base}/{}/v2.0", issued_by(tenant))
}

/// A tenant in an issuer: those that stand for many are left open, as the real service does.
fn issued_by(tenant: &str) -> &str {
    match tenant {
        "common" | "organizations" | "consumers" => "{tenantid}",
        tenant => tenant,
    }
}

fn token(body: &[u8], tenant: &str, v2: bool, now: Timestamp) -> Reply {
    let form = form(&String::from_utf8_lossy(body));
    if find(&form, "grant_type").is_none() {
        let description = "AADSTS900144: The request body must contain the following parameter: 'grant_type'.";
        return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", description);
    }
    let tenant = if issued_by(tenant) == tenant { tenant } else { TENANT_ID };
    let client = find(&form, "client_id").unwrap_or(CLIENT_ID);
    let scope = find(&form, "scope").and_then(|scopes| scopes.split(' ').find(|scope| scope.contains("://")));
    let asked =
        if v2 { scope.map(|scope| scope.strip_suffix("/.default").unwrap_or(scope)) } else { find(&form, "resource") };
    let audience = asked.unwrap_or("https://management.azure.com/");
    let (from, until) = (now.as_second(), now.as_second() + LIFETIME);
    let access_token = jwt(&json!({
        "aud": audience,
        "iss": format!("https://sts.windows.net/{tenant}/"),
        "iat": from,
        "nbf": from,
        "exp": until,
        "app_displayname": "armtape identity stub: worth nothing anywhere else",
        "appid": client,
        "appidacr": "1",
        "idtyp": "app",
        "oid": OBJECT_ID,
        "sub": OBJECT_ID,
        "tid": tenant,
        // As the real service has it: no two tokens are the same, whoever asks and however soon.
        "uti": URL_SAFE_NO_PAD.encode(now.as_nanosecond().to_be_bytes()),
        "ver": "1.0",
    }));
    let body = if v2 {
        json!({
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": access_token,
        })
    } else {
        // The first version writes numbers as strings.
        json!({
            "token_type": "Bearer",
            "expires_in": LIFETIME.to_string(),
            "ext_expires_in": LIFETIME.to_string(),
            "expires_on": until.to_string(),
            "not_before": from.to_string(),
            "resource": audience,
            "access_token": access_token,
        })
    };
    Reply::json(StatusCode::OK, body)
}

/// A token of the right form. Not `alg: none`: what has to stand in the third part is then told in two
/// ways, and a reader of tokens may refuse either. Nobody can take this signature for one.
fn jwt(claims: &Value) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = json!({ "typ": "JWT", "alg": "HS256", "kid": "armtape-stub" });
    format!("{}.{}.{}", part(&header.to_string()), part(&claims.to_string()), part("armtape stub, not signed"))
}

fn oauth_error(status: StatusCode, error: &str, description: &str) -> Reply {
    Reply::json(status, json!({ "error": error, "error_description": description }))
}

#[cfg(test)]
mod tests;
