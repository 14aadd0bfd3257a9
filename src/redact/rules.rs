//! The rules, as data: what they are called, where they look, what they replace.

use super::kind::Kind;

/// A rule that comes with armtape.
#[derive(Debug)]
pub struct Rule {
    /// By this it is switched off and explained.
    pub id: &'static str,
    /// The kind of what it finds.
    pub kind: Kind,
    /// What it finds, in a sentence or two.
    pub words: &'static str,
    /// Where it finds something, with the value as `VALUE` where that is long or would look real.
    pub example: &'static str,
    pub(super) find: Find,
}

/// Where a rule looks.
#[derive(Debug)]
pub(super) enum Find {
    /// The whole value of these headers.
    Header(&'static [&'static str]),
    /// The value of what is called so: JSON members, parameters, form fields, XML elements,
    /// connection strings, options on the command line. Names are compared by their letters and
    /// digits alone, in lower case.
    Name {
        /// Whole names.
        names: &'static [&'static str],
        /// Ends of names.
        endings: &'static [&'static str],
        /// What else the value must be.
        only: Only,
    },
    /// Text of this form; the group `v` of the pattern is the value.
    Form {
        /// One of these occurs, in any case, wherever the pattern fits.
        needs: &'static [&'static str],
        pattern: &'static str,
        only: Only,
    },
    /// `t`, `c`, `s`, `h` and `p` of a signed polling URL.
    PollingUrl,
    /// Every value in the answer of `listKeys` and its kin.
    ListKeys,
    /// A value that the user named.
    Named,
    /// What looks like a stand-in already.
    StandIn,
    /// What the gate found.
    Gate,
}

/// What a value must be, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Only {
    Anything,
    Guid,
    /// A name of somebody: no word such as `User`.
    Somebody,
    /// An address that is public.
    PublicAddress,
    /// A mailbox that is not one of a documentation domain.
    RealMailbox,
    /// Letters and digits, long enough for a credential.
    Credential,
}

/// The rules that come with armtape.
#[must_use]
pub fn rules() -> &'static [Rule] {
    RULES
}

/// The number of the rule with this id; that of the gate where there is none.
pub(super) fn index(id: &str) -> usize {
    RULES.iter().position(|rule| rule.id == id).unwrap_or(GATE)
}

pub(super) const NAMED: usize = 0;
pub(super) const STAND_IN: usize = 1;
pub(super) const GATE: usize = 2;

static RULES: &[Rule] = &[
    Rule {
        id: "named-value",
        kind: Kind::Secret,
        words: "A value that `--secret-env NAME` names, wherever it occurs and however it is encoded.",
        example: "`--secret-env DB_PASSWORD`, and `DB_PASSWORD=VALUE` in the environment",
        find: Find::Named,
    },
    Rule {
        id: "stand-in",
        kind: Kind::Secret,
        words: "Text that looks like a stand-in of armtape. It is replaced as a value of its kind, so that it can never be \
                taken for the stand-in of something else. Cannot be switched off.",
        example: "`armtape-Password_000001AAAAAAAA`",
        find: Find::StandIn,
    },
    Rule {
        id: "gate",
        kind: Kind::Suspect,
        words: "What no rule knows and what looks like a secret all the same: a form of a well-known credential, or a long \
                word of high entropy. It is replaced by a marked stand-in, and told. Cannot be switched off.",
        example: "`\"note\": \"VALUE\"`, where the value is 40 random letters and digits",
        find: Find::Gate,
    },
    Rule {
        id: "header-credential",
        kind: Kind::Token,
        words: "The whole value of a header that says who asks: `Authorization` and its kin, cookies, keys.",
        example: "`x-functions-key: VALUE`",
        find: Find::Header(&[
            "authorization",
            "proxy-authorization",
            "x-ms-authorization-auxiliary",
            "cookie",
            "set-cookie",
            "set-cookie2",
            "api-key",
            "x-api-key",
            "ocp-apim-subscription-key",
            "x-functions-key",
            "x-ms-encryption-key",
            "x-ms-client-principal",
            "x-ms-client-principal-id",
            "x-ms-client-principal-name",
            "x-ms-token-aad-access-token",
            "x-ms-token-aad-id-token",
            "x-ms-token-aad-refresh-token",
            "x-zumo-auth",
            "aeg-sas-key",
            "aeg-sas-token",
            "servicebusauthorization",
        ]),
    },
    Rule {
        id: "subscription-id",
        kind: Kind::Subscription,
        words: "The GUID of a subscription: behind `/subscriptions/`, or as the value of a name such as `subscriptionId`. \
                From then on, wherever it occurs.",
        example: "`/subscriptions/VALUE/resourceGroups/g`",
        find: Find::Form {
            needs: &["subscriptions/"],
            pattern: r"(?i)/subscriptions/(?<v>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
            only: Only::Guid,
        },
    },
    Rule {
        id: "subscription-name",
        kind: Kind::Subscription,
        words: "The GUID of a subscription, by the name of its field or parameter.",
        example: "`\"subscriptionId\": \"VALUE\"`",
        find: Find::Name {
            names: &["subscription", "azsubscription"],
            endings: &["subscriptionid", "subscriptionguid"],
            only: Only::Guid,
        },
    },
    Rule {
        id: "tenant-id",
        kind: Kind::Tenant,
        words: "The GUID of a tenant, by the name of its field or parameter.",
        example: "`\"tenantId\": \"VALUE\"`",
        find: Find::Name {
            names: &["tid", "tenant", "sktid", "directoryid"],
            endings: &["tenantid", "tenantguid"],
            only: Only::Guid,
        },
    },
    Rule {
        id: "tenant-url",
        kind: Kind::Tenant,
        words: "The GUID of a tenant in a URL of the identity service, or behind `/tenants/`.",
        example: "`https://login.microsoftonline.com/VALUE/oauth2/v2.0/token`",
        find: Find::Form {
            needs: &["login.", "sts.windows.net", "tenants/"],
            pattern: r"(?i)(?:login\.(?:microsoftonline\.(?:com|us|de)|windows\.net|chinacloudapi\.cn|partner\.microsoftonline\.cn)|sts\.windows\.net|/tenants)/(?<v>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
            only: Only::Guid,
        },
    },
    Rule {
        id: "client-id",
        kind: Kind::Client,
        words: "The GUID of an application, by the name of its field or parameter.",
        example: "`client_id=VALUE`",
        find: Find::Name { names: &["appid", "azp"], endings: &["clientid", "applicationid"], only: Only::Guid },
    },
    Rule {
        id: "principal-id",
        kind: Kind::Principal,
        words: "The GUID of a user, a group or a service principal, by the name of its field or parameter.",
        example: "`\"principalId\": \"VALUE\"`",
        find: Find::Name {
            names: &["oid", "skoid", "puid", "userid"],
            endings: &["principalid", "objectid"],
            only: Only::Guid,
        },
    },
    Rule {
        id: "instrumentation-key",
        kind: Kind::Key,
        words: "The instrumentation key of Application Insights.",
        example: "`\"InstrumentationKey\": \"VALUE\"`",
        find: Find::Name { names: &[], endings: &["instrumentationkey"], only: Only::Anything },
    },
    Rule {
        id: "person",
        kind: Kind::Person,
        words: "Who did something, by the name of the field.",
        example: "`\"createdBy\": \"Ada Lovelace\"`",
        find: Find::Name {
            names: &["upn", "uniquename", "preferredusername", "givenname", "familyname", "caller", "ipaddr"],
            endings: &["createdby", "modifiedby", "updatedby", "userprincipalname", "signinname"],
            only: Only::Somebody,
        },
    },
    Rule {
        id: "email",
        kind: Kind::Email,
        words: "An e-mail address that is not of a documentation domain (`example.com`, `.example`, `.test`, `.invalid`).",
        example: "`owned by VALUE`, where the value is a mailbox",
        find: Find::Form {
            needs: &["@"],
            pattern: r"(?i)(?<v>[a-z0-9._%+-]*[a-z0-9_%+-]@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24})(?-u:\b)",
            only: Only::RealMailbox,
        },
    },
    Rule {
        id: "public-address",
        kind: Kind::Address,
        words: "A public IP address. Private and documentation addresses, ranges (`52.1.2.0/24`) and versions stay.",
        example: "`\"ipAddress\": \"VALUE\"`",
        find: Find::Form {
            needs: &["."],
            pattern: r"(?:^|[\s,;'\x22(\[=@]|//)(?<v>[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})(?:$|[\s,;:'\x22)\]?]|\.(?:\s|$)|/(?:[^0-9]|$))",
            only: Only::PublicAddress,
        },
    },
    Rule {
        id: "public-address-v6",
        kind: Kind::Address,
        words: "A public IPv6 address. Link-local, unique local and documentation addresses and ranges stay.",
        example: "`\"ipAddress\": \"VALUE\"`",
        find: Find::Form {
            needs: &["2", "3"],
            pattern: r"(?i)(?:^|[\s,;'\x22(\[=])(?<v>[23][0-9a-f]{3}:(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4})(?:$|[\s,;'\x22)\]])",
            only: Only::PublicAddress,
        },
    },
    Rule {
        id: "authorization",
        kind: Kind::Token,
        words: "What follows `Bearer`, `Basic`, `SharedKey` or `SharedAccessSignature` in any text.",
        example: "`curl -H 'Authorization: Bearer VALUE'`",
        find: Find::Form {
            needs: &["bearer", "basic", "sharedkey"],
            pattern: r"(?i)(?:^|[^a-z0-9])(?:bearer|basic|sharedkey(?:lite)?(?:\s+[a-z0-9]+:)?)\s+(?<v>[a-z0-9+/._~:=-]{12,})",
            only: Only::Credential,
        },
    },
    Rule {
        id: "jwt",
        kind: Kind::Token,
        words: "A JSON web token, signed or encrypted.",
        example: "`\"note\": \"eyJ….eyJ….VALUE\"`",
        find: Find::Form {
            needs: &["eyj"],
            pattern: r"(?<v>eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*){1,3})",
            only: Only::Anything,
        },
    },
    Rule {
        id: "private-key",
        kind: Kind::Key,
        words: "A private key in PEM. Its first and last line stay.",
        example: "`-----BEGIN PRIVATE KEY-----`, VALUE, `-----END PRIVATE KEY-----`",
        find: Find::Form {
            needs: &["private key"],
            pattern: r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----(?:\\[rn]|\s)*(?<v>(?:[^-\s\\]|\\?[^-\\]|\\[rn])+?)(?:\\[rn]|\s)*(?:-----|$)",
            only: Only::Anything,
        },
    },
    Rule {
        id: "url-user",
        kind: Kind::Password,
        words: "User and password in a URL.",
        example: "`https://VALUE@host/repository`",
        find: Find::Form {
            needs: &["@"],
            pattern: r"(?i)(?:^|[^a-z])[a-z][a-z0-9+.-]{1,20}://(?<v>[^\s/?#@'\x22<>]*:[^\s/?#@'\x22<>]+)@",
            only: Only::Anything,
        },
    },
    Rule {
        id: "service-key",
        kind: Kind::Key,
        words: "Keys of services that their form gives away: storage and Cosmos DB accounts, Azure keys with a signature in \
                them, client secrets of applications, tokens of GitHub, GitLab, npm, Slack, AWS, Google, Stripe, SendGrid.",
        example: "`\"note\": \"VALUE\"`, where the value is 86 characters of base64 and `==`",
        find: Find::Form {
            needs: &[
                "==",
                "q~",
                "ghp_",
                "gho_",
                "ghu_",
                "ghs_",
                "ghr_",
                "github_pat_",
                "glpat-",
                "npm_",
                "xox",
                "akia",
                "asia",
                "aiza",
                "sk_live_",
                "rk_live_",
                "sg.",
                "azfu",
                "+ast",
                "acdb",
                "aiot",
                "+aeh",
                "azse",
                "apim",
                "acr",
                "jqqj99",
            ],
            pattern: concat!(
                r"(?:^|[^A-Za-z0-9+/_-])(?<v>",
                r"[A-Za-z0-9+/]{86}==",
                r"|[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
                r"|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{36}",
                r"|xox[abprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}",
                r"|[sr]k_live_[0-9A-Za-z]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,}",
                r"|[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==",
                r"|[A-Za-z0-9+/]{30,80}(?:\+ASt|\+?ACDb|AIoT|\+AEh|AzSe|APIM|ACR)[A-Za-z0-9+/]{4,8}={0,2}",
                r"|[A-Za-z0-9]{50,60}JQQJ99[A-Za-z0-9]{20,30}",
                r")(?:$|[^A-Za-z0-9+/=_-])",
            ),
            only: Only::Anything,
        },
    },
    Rule {
        id: "function-code",
        kind: Kind::Key,
        words: "The key of a function in its URL.",
        example: "`https://a.azurewebsites.net/api/f?code=VALUE`",
        find: Find::Form { needs: &["code="], pattern: r"[?&]code=(?<v>[^&\s#'\x22<>]{20,})", only: Only::Anything },
    },
    Rule {
        id: "sas",
        kind: Kind::Signature,
        words: "The signature of a shared access signature: of a URL, or of a token in a text.",
        example: "`https://a.blob.core.windows.net/c/b?sv=2023-11-03&sr=b&sig=VALUE`",
        find: Find::Name { names: &["sig", "xamzsignature", "xamzsecuritytoken"], endings: &[], only: Only::Anything },
    },
    Rule {
        id: "polling-url",
        kind: Kind::Signature,
        words: "The signature of a polling URL: the parameters `t`, `c`, `s`, `h` and `p`, where at least three of them are \
                there or the URL is in a polling header. The URL stays one, and joins the poll to its operation.",
        example: "`…/operationresults/ID?api-version=2023-07-01&t=VALUE&c=VALUE&s=VALUE&h=VALUE`",
        find: Find::PollingUrl,
    },
    Rule {
        id: "async-id",
        kind: Kind::Signature,
        words: "The parameters `asyncId` and `asyncInfo` of a polling URL.",
        example: "`…/operations/ID?asyncId=VALUE`",
        find: Find::Name { names: &["asyncid", "asyncinfo"], endings: &[], only: Only::Anything },
    },
    Rule {
        id: "password-name",
        kind: Kind::Password,
        words: "A password, by the name of its field, parameter, form field, XML element or option.",
        example: "`\"administratorLoginPassword\": \"VALUE\"`",
        find: Find::Name {
            names: &["pwd", "pin", "psk"],
            endings: &["password", "passwords", "passwd", "passphrase", "passcode", "userpwd", "userpass", "dbpass"],
            only: Only::Anything,
        },
    },
    Rule {
        id: "secret-name",
        kind: Kind::Secret,
        words: "A secret, by the name of its field, parameter, form field, XML element or option.",
        example: "`client_secret=VALUE`",
        find: Find::Name {
            names: &[
                "clientassertion",
                "assertion",
                "devicecode",
                "codeverifier",
                "protectedsettings",
                "credential",
                "secrets",
            ],
            endings: &["secret", "secretvalue", "secrettext", "secretstring", "securevalue", "credentials"],
            only: Only::Anything,
        },
    },
    Rule {
        id: "key-name",
        kind: Kind::Key,
        words: "A key or a connection string, by the name of its field, parameter or XML element. Of a connection string \
                only the keys in it are replaced, where they can be told.",
        example: "`\"primaryKey\": \"VALUE\"`",
        find: Find::Name {
            names: &["sharedaccesskey", "workspacekey"],
            endings: &[
                "apikey",
                "accesskey",
                "accountkey",
                "sharedkey",
                "primarykey",
                "secondarykey",
                "primarymasterkey",
                "secondarymasterkey",
                "readonlykey",
                "masterkey",
                "privatekey",
                "authkey",
                "authorizationkey",
                "signingkey",
                "encryptionkey",
                "storagekey",
                "subscriptionkey",
                "functionkey",
                "hostkey",
                "systemkey",
                "adminkey",
                "querykey",
                "connectionstring",
            ],
            only: Only::Anything,
        },
    },
    Rule {
        id: "token-name",
        kind: Kind::Token,
        words: "A token, by the name of its field, parameter, form field or XML element. Tokens by which lists are read on \
                (`$skipToken`, `continuationToken`) stay.",
        example: "`\"access_token\": \"VALUE\"`",
        find: Find::Name {
            names: &["token", "jwt"],
            endings: &[
                "accesstoken",
                "refreshtoken",
                "idtoken",
                "bearertoken",
                "sastoken",
                "authtoken",
                "registrationtoken",
                "sessiontoken",
                "securitytoken",
                "apitoken",
                "sessionid",
                "sharedaccesssignature",
            ],
            only: Only::Anything,
        },
    },
    Rule {
        id: "option-value",
        kind: Kind::Secret,
        words: "What follows an option such as `--admin-password` or `-client-secret` in a text, or \
                `ConvertTo-SecureString`.",
        example: "`setup.sh --admin-password VALUE`",
        find: Find::Form {
            needs: &[
                "password",
                "passwd",
                "secret",
                "token",
                "api-key",
                "apikey",
                "access-key",
                "accesskey",
                "account-key",
                "accountkey",
                "securestring",
            ],
            pattern: concat!(
                r#"(?i)(?:(?:^|[\s'"(])--?[a-z0-9-]*(?:password|passwd|secret|token|api-?key|access-?key|account-?key)"#,
                r#"|convertto-securestring(?:\s+-string)?)\s+\\*['"]?(?<v>[^\s'"\\-][^\s'"\\]*)"#,
            ),
            only: Only::Anything,
        },
    },
    Rule {
        id: "password-text",
        kind: Kind::Password,
        words: "What follows `password` in a sentence, quoted or behind `is`, and looks like a credential: two digits at \
                least.",
        example: "`login failed with password 'VALUE'`",
        find: Find::Form {
            needs: &["password", "passphrase"],
            pattern: r#"(?i)pass(?:word|phrase)\s+(?:(?:is|was)\s+['"]?|\\*['"])(?<v>[^\s'"\\,]{4,})"#,
            only: Only::Credential,
        },
    },
    Rule {
        id: "credential-name",
        kind: Kind::Token,
        words: "What is called `auth` or `authorization` in a body and looks like a credential: two digits at least, or \
                `USER:PASSWORD` in base64.",
        example: "`\"auth\": \"VALUE\"`",
        find: Find::Name {
            names: &["auth", "authorization", "proxyauthorization", "cookie", "setcookie"],
            endings: &[],
            only: Only::Credential,
        },
    },
    Rule {
        id: "list-keys",
        kind: Kind::Key,
        words: "Every value in the answer to a POST of `listKeys`, `listSecrets`, `regenerateKey` and their kin, but for \
                names, permissions and times; and `value` where one secret of a vault is written or read \
                (`…/secrets/NAME`).",
        example: "`{\"keys\": [{\"keyName\": \"key1\", \"value\": \"VALUE\"}]}`",
        find: Find::ListKeys,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_the_special_ones_are_in_their_places() {
        let ids: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        assert_eq!([RULES[NAMED].id, RULES[STAND_IN].id, RULES[GATE].id], ["named-value", "stand-in", "gate"]);
    }
}
