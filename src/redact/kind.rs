//! What kinds of value are replaced.

/// What a replaced value was. Its stand-in says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The id of a subscription.
    Subscription,
    /// The id of a tenant (directory).
    Tenant,
    /// The id of an application.
    Client,
    /// The id of a user, a group or a service principal.
    Principal,
    /// The name of a person.
    Person,
    /// An e-mail address.
    Email,
    /// A public IP address.
    Address,
    /// A password.
    Password,
    /// A key of a service, or a connection string.
    Key,
    /// A token that says who asks.
    Token,
    /// The signature of a URL.
    Signature,
    /// Any other secret, such as one that the user named.
    Secret,
    /// What no rule knows and what looks like a secret all the same.
    Suspect,
}

/// Every kind with its name on the tape. The place in the list is part of the stand-ins of that
/// kind: a new one goes to the end.
pub(super) const KINDS: &[(Kind, &str)] = &[
    (Kind::Subscription, "subscription"),
    (Kind::Tenant, "tenant"),
    (Kind::Client, "client"),
    (Kind::Principal, "principal"),
    (Kind::Person, "person"),
    (Kind::Email, "email"),
    (Kind::Address, "address"),
    (Kind::Password, "password"),
    (Kind::Key, "key"),
    (Kind::Token, "token"),
    (Kind::Signature, "signature"),
    (Kind::Secret, "secret"),
    (Kind::Suspect, "suspect"),
];

impl Kind {
    /// As it is called on the tape.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS[self.place()].1
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, other)| *other == name).map(|(kind, _)| *kind)
    }

    /// Whether its values are ids that Azure writes as GUIDs.
    pub(super) fn is_identity(self) -> bool {
        matches!(self, Self::Subscription | Self::Tenant | Self::Client | Self::Principal)
    }

    pub(super) fn place(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_in_its_place() {
        for (place, (kind, name)) in KINDS.iter().enumerate() {
            assert_eq!((kind.place(), kind.name(), Kind::from_name(name)), (place, *name, Some(*kind)));
        }
    }
}
