//! The kinds of secrets, and what a made-up one of each looks like.

use super::service::Side;

/// The variable of `--secret-env`.
pub(super) const NAMED: &str = "PLANTED_IN_THE_ENVIRONMENT";

/// A kind of secret.
pub(super) struct Kind {
    /// The rule that finds it.
    pub(super) rule: &'static str,
    /// What it is called; for [`Said::Called`] the name in traffic, too.
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    said: Said,
}

/// How traffic says it.
#[derive(Clone, Copy)]
enum Said {
    /// As the value of a name.
    Called,
    /// In a text, where `VALUE` stands.
    In(&'static str),
    /// As a value in the answer to a POST of this action.
    AnswerTo(&'static str),
    /// As a value in a body, by the gate.
    Body,
}

/// What a value is made of.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Letters and digits, so many.
    Word(usize),
    /// As people choose passwords.
    Password,
    /// With letters that are not ASCII.
    Umlauts,
    Digits,
    Guid,
    Hex,
    Jwt,
    Jwe,
    Email,
    Ipv4,
    Ipv6,
    /// Base64 of so many letters, and `=` up to a multiple of four.
    Base64(usize),
    /// A start, so many letters and digits, and an end.
    Around(&'static str, usize, &'static str),
    /// Capitals and digits behind a start.
    Capitals(&'static str, usize),
    /// `name:` and a word, in base64.
    Pair,
    /// The value of the environment variable.
    Environment,
}

impl Kind {
    pub(super) fn is_named(&self) -> bool {
        matches!(self.said, Said::Called)
    }

    /// The text around the value.
    pub(super) fn template(&self) -> &'static str {
        match self.said {
            Said::In(template) => template,
            _ => "VALUE",
        }
    }

    /// What the value is called in traffic.
    pub(super) fn called(&self) -> &'static str {
        match self.said {
            Said::Called => self.name,
            Said::AnswerTo(_) => "value",
            _ => "note",
        }
    }

    /// The action whose answer it is in.
    pub(super) fn action(&self) -> Option<&'static str> {
        match self.said {
            Said::AnswerTo(action) => Some(action),
            _ => None,
        }
    }

    pub(super) fn fits(&self, side: Side) -> bool {
        side == Side::Answer || !matches!(self.said, Said::AnswerTo(_))
    }

    /// Found in bodies alone.
    pub(super) fn of_bodies(&self) -> bool {
        matches!(self.said, Said::Body | Said::AnswerTo(_))
    }
}

const fn called(rule: &'static str, name: &'static str, shape: Shape) -> Kind {
    Kind { rule, name, shape, said: Said::Called }
}

const fn said(rule: &'static str, name: &'static str, shape: Shape, text: &'static str) -> Kind {
    Kind { rule, name, shape, said: Said::In(text) }
}

use Shape::{
    Around, Base64, Capitals, Digits, Email, Environment, Guid, Hex, Ipv4, Ipv6, Jwe, Jwt, Pair, Password, Umlauts,
    Word,
};

#[rustfmt::skip]
pub(super) static KINDS: &[Kind] = &[
    said("named-value", "named in text", Environment, "it is VALUE there"),
    Kind { rule: "gate", name: "random word", shape: Word(40), said: Said::Body },
    called("password-name", "password", Password),
    called("password-name", "administratorLoginPassword", Umlauts),
    called("password-name", "pwd", Base64(16)),
    called("password-name", "pin", Digits),
    called("password-name", "passphrase", Word(12)),
    called("secret-name", "clientSecret", Word(20)),
    called("secret-name", "client_secret", Password),
    called("secret-name", "client_assertion", Word(30)),
    called("secret-name", "protectedSettings", Word(24)),
    called("secret-name", "secretText", Word(18)),
    called("secret-name", "device_code", Word(20)),
    called("key-name", "primaryKey", Base64(43)),
    called("key-name", "secondaryKey", Hex),
    called("key-name", "storageAccountAccessKey", Base64(22)),
    called("key-name", "apiKey", Hex),
    called("key-name", "primaryMasterKey", Base64(43)),
    called("key-name", "workspaceKey", Base64(22)),
    called("key-name", "encryptionKey", Word(20)),
    called("key-name", "connectionString", Word(30)),
    said("key-name", "connection string of storage", Base64(40), "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=VALUE;EndpointSuffix=core.windows.net"),
    said("key-name", "connection string of a bus", Base64(43), "Endpoint=sb://b.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=VALUE"),
    said("password-name", "connection string of SQL", Password, "Server=tcp:s.database.windows.net,1433;Initial Catalog=d;User ID=u;Password=VALUE;Encrypt=True"),
    said("key-name", "connection string of a hub", Base64(43), "HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=VALUE"),
    called("token-name", "access_token", Word(30)),
    called("token-name", "refresh_token", Word(60)),
    called("token-name", "id_token", Word(30)),
    called("token-name", "sasToken", Word(30)),
    called("token-name", "token", Guid),
    called("token-name", "sessionId", Hex),
    called("token-name", "registrationToken", Word(5000)),
    called("credential-name", "auth", Pair),
    said("option-value", "option in a script", Word(16), "setup.sh --admin-password VALUE --verbose"),
    said("option-value", "secure string of PowerShell", Word(16), "ConvertTo-SecureString 'VALUE' -AsPlainText"),
    said("password-text", "password in a sentence", Word(16), "login failed with password 'VALUE' for a"),
    called("secret-name", "secureValue", Word(20)),
    called("sas", "sig", Base64(43)),
    said("sas", "SAS of a blob", Base64(43), "https://a.blob.core.windows.net/c/b?sv=2023-11-03&sr=b&sig=VALUE&se=2030-01-01"),
    said("sas", "SAS of a bus", Base64(43), "SharedAccessSignature sr=b.servicebus.windows.net&sig=VALUE&se=1893456000&skn=Root"),
    said("sas", "signature of S3", Hex, "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=VALUE"),
    called("async-id", "asyncId", Word(40)),
    called("async-id", "asyncInfo", Word(40)),
    said("polling-url", "certificate of a polling URL", Word(500), "https://management.azure.com/providers/P/operationresults/1?api-version=1&t=638526476436741234&c=VALUE&s=abc&h=def"),
    said("polling-url", "signature of a polling URL", Around("k_", 60, "-x"), "https://management.azure.com/providers/P/operationresults/1?api-version=1&t=638526476436741234&c=abc&s=VALUE&h=def"),
    said("polling-url", "hash of a polling URL", Word(43), "https://management.azure.com/providers/P/operationresults/1?api-version=1&t=638526476436741234&c=abc&s=abc&h=VALUE"),
    called("instrumentation-key", "InstrumentationKey", Guid),
    said("instrumentation-key", "connection string of insights", Guid, "InstrumentationKey=VALUE;IngestionEndpoint=https://w.in.applicationinsights.azure.com/"),
    called("subscription-name", "subscriptionId", Guid),
    said("subscription-id", "subscription of a resource", Guid, "/subscriptions/VALUE/resourceGroups/g"),
    said("subscription-id", "subscription in words", Guid, "no access over scope '/subscriptions/VALUE' or it is invalid"),
    called("tenant-id", "tenantId", Guid),
    called("tenant-id", "tid", Guid),
    said("tenant-url", "tenant of a sign-in", Guid, "https://login.microsoftonline.com/VALUE/oauth2/v2.0/token"),
    said("tenant-url", "tenant of an issuer", Guid, "https://sts.windows.net/VALUE/"),
    called("client-id", "client_id", Guid),
    called("client-id", "appId", Guid),
    called("principal-id", "principalId", Guid),
    called("principal-id", "objectId", Guid),
    called("principal-id", "oid", Guid),
    called("person", "createdBy", Word(14)),
    called("person", "lastModifiedBy", Word(14)),
    called("person", "caller", Word(14)),
    called("person", "userPrincipalName", Word(14)),
    said("email", "mailbox", Email, "owned by VALUE today"),
    said("public-address", "address", Ipv4, "Client with IP address 'VALUE' is not allowed"),
    said("public-address-v6", "address of version 6", Ipv6, "from VALUE it came"),
    said("authorization", "bearer", Word(40), "curl -H 'Authorization: Bearer VALUE'"),
    said("authorization", "basic", Pair, "Authorization: Basic VALUE"),
    said("authorization", "shared key", Base64(43), "SharedKey account:VALUE"),
    said("jwt", "signed token", Jwt, "it was VALUE there"),
    said("jwt", "encrypted token", Jwe, "it was VALUE there"),
    said("private-key", "RSA key", Base64(64), "-----BEGIN RSA PRIVATE KEY-----\nVALUE\n-----END RSA PRIVATE KEY-----\n"),
    said("private-key", "key of PKCS 8", Base64(64), "-----BEGIN PRIVATE KEY-----\nVALUE\n-----END PRIVATE KEY-----\n"),
    said("private-key", "key of OpenSSH", Base64(64), "-----BEGIN OPENSSH PRIVATE KEY-----\nVALUE\n-----END OPENSSH PRIVATE KEY-----\n"),
    said("url-user", "user of a URL", Around("ada:", 20, ""), "https://VALUE@git.example.net/repository"),
    said("service-key", "key of storage", Base64(86), "the key VALUE there"),
    said("service-key", "secret of an application", Around("aB38Q~", 34, ""), "the secret VALUE there"),
    said("service-key", "token of GitHub", Around("ghp_", 36, ""), "the token VALUE there"),
    said("service-key", "new token of GitHub", Around("github_pat_", 60, ""), "the token VALUE there"),
    said("service-key", "token of GitLab", Around("glpat-", 20, ""), "the token VALUE there"),
    said("service-key", "token of npm", Around("npm_", 36, ""), "the token VALUE there"),
    said("service-key", "token of Slack", Around("xoxb-", 40, ""), "the token VALUE there"),
    said("service-key", "key of AWS", Capitals("AKIA", 16), "the key VALUE there"),
    said("service-key", "key of Google", Around("AIza", 35, ""), "the key VALUE there"),
    said("service-key", "key of Stripe", Around("sk_live_", 24, ""), "the key VALUE there"),
    said("service-key", "key of SendGrid", Around("SG.", 22, ".abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"), "the key VALUE there"),
    said("service-key", "key of functions", Around("", 44, "AzFuabcdeQ=="), "the key VALUE there"),
    said("service-key", "key of a store", Around("", 42, "+AStabcd"), "the key VALUE there"),
    said("service-key", "key of search", Around("", 42, "AzSeabcdef"), "the key VALUE there"),
    said("service-key", "key of cognitive services", Around("", 52, "JQQJ99ABCDEFGHIJKLMNOPQRSTUV"), "the key VALUE there"),
    said("function-code", "code of a function", Word(50), "https://a.azurewebsites.net/api/f?code=VALUE"),
    Kind { rule: "list-keys", name: "answer of listKeys", shape: Word(20), said: Said::AnswerTo("listKeys") },
    Kind { rule: "list-keys", name: "answer of listSecrets", shape: Password, said: Said::AnswerTo("listSecrets") },
];

/// Headers that say who asks.
#[rustfmt::skip]
pub(super) static HEADERS: &[Kind] = &[
    header("authorization", "Bearer VALUE"),
    header("authorization", "SharedAccessSignature sr=x&sig=VALUE"),
    header("authorization", "VALUE"),
    header("proxy-authorization", "Basic VALUE"),
    header("x-ms-authorization-auxiliary", "Bearer VALUE;EncryptedBearer VALUE"),
    header("cookie", "session=VALUE"),
    header("set-cookie", "session=VALUE; Secure"),
    header("api-key", "VALUE"),
    header("x-api-key", "VALUE"),
    header("ocp-apim-subscription-key", "VALUE"),
    header("x-functions-key", "VALUE"),
    header("x-ms-encryption-key", "VALUE"),
    header("x-ms-client-principal", "VALUE"),
    header("x-ms-token-aad-access-token", "VALUE"),
    header("x-zumo-auth", "VALUE"),
    header("aeg-sas-key", "VALUE"),
    header("aeg-sas-token", "VALUE"),
    header("servicebusauthorization", "VALUE"),
    header("x-nobody-knows", "VALUE"),
];

const fn header(name: &'static str, text: &'static str) -> Kind {
    Kind { rule: "header-credential", name, shape: Word(24), said: Said::In(text) }
}
