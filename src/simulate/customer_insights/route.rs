//! Which resource a path names. Names keep the caller's case, keys lose it (S-04).

use super::super::generic::NAMESPACE;

/// What a path is about.
#[derive(Debug)]
pub(super) enum Route {
    Groups(String),
    Group(GroupId),
    Hubs {
        subscription: String,
        group: Option<String>,
    },
    Hub(HubId),
    Profiles(HubId),
    Profile(ProfileId),
    EnrichingKpis(ProfileId),
    Operation(ProfileId, String),
    /// The provider is known, the type is not.
    UnknownType(String),
    UnknownNamespace(String),
    Unknown,
}

#[derive(Clone, Debug)]
pub(super) struct GroupId {
    pub(super) subscription: String,
    pub(super) group: String,
}

#[derive(Clone, Debug)]
pub(super) struct HubId {
    pub(super) group: GroupId,
    pub(super) hub: String,
}

#[derive(Clone, Debug)]
pub(super) struct ProfileId {
    pub(super) hub: HubId,
    pub(super) profile: String,
}

impl GroupId {
    pub(super) fn path(&self) -> String {
        format!("/subscriptions/{}/resourceGroups/{}", self.subscription, self.group)
    }
}

impl HubId {
    pub(super) fn path(&self) -> String {
        format!("{}/providers/{NAMESPACE}/hubs/{}", self.group.path(), self.hub)
    }
}

impl ProfileId {
    pub(super) fn path(&self) -> String {
        format!("{}/profiles/{}", self.hub.path(), self.profile)
    }

    pub(super) fn key(&self) -> String {
        key(&self.path())
    }
}

/// What stands for a path wherever two are compared.
pub(super) fn key(path: &str) -> String {
    path.to_lowercase()
}

impl Route {
    /// The route of a path, from its segments and the same in lower case.
    pub(super) fn of(segments: &[String], words: &[&str]) -> Self {
        let name = |at: usize| segments.get(at).cloned().unwrap_or_default();
        let group = || GroupId { subscription: name(1), group: name(3) };
        let hub = || HubId { group: group(), hub: name(7) };
        let profile = || ProfileId { hub: hub(), profile: name(9) };
        if words.iter().any(|word| word.is_empty()) {
            return Self::Unknown;
        }
        match words {
            ["subscriptions", _, "resourcegroups"] => Self::Groups(name(1)),
            ["subscriptions", _, "resourcegroups", _] => Self::Group(group()),
            ["subscriptions", _, "providers", "microsoft.customerinsights", "hubs"] => {
                Self::Hubs { subscription: name(1), group: None }
            }
            ["subscriptions", _, "resourcegroups", _, "providers", "microsoft.customerinsights", rest @ ..] => {
                match rest {
                    ["hubs"] => Self::Hubs { subscription: name(1), group: Some(name(3)) },
                    ["hubs", _] => Self::Hub(hub()),
                    ["hubs", _, "profiles"] => Self::Profiles(hub()),
                    ["hubs", _, "profiles", _] => Self::Profile(profile()),
                    ["hubs", _, "profiles", _, "getenrichingkpis"] => Self::EnrichingKpis(profile()),
                    ["hubs", _, "profiles", _, "operations", _] => Self::Operation(profile(), name(11)),
                    _ => {
                        let types: Vec<String> = segments.iter().skip(6).step_by(2).cloned().collect();
                        Self::UnknownType(types.join("/"))
                    }
                }
            }
            ["subscriptions", _, "providers", "microsoft.customerinsights", _, ..] => Self::UnknownType(name(4)),
            ["subscriptions", _, "resourcegroups", _, "providers", _, ..] => Self::UnknownNamespace(name(5)),
            ["subscriptions", _, "providers", _, ..] => Self::UnknownNamespace(name(3)),
            _ => Self::Unknown,
        }
    }

    /// The provider's type that is asked for, where there is one.
    pub(super) fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Hubs { .. } | Self::Hub(_) => Some("hubs"),
            Self::Profiles(_) | Self::Profile(_) | Self::EnrichingKpis(_) | Self::Operation(..) => {
                Some("hubs/profiles")
            }
            Self::Groups(_) | Self::Group(_) | Self::UnknownType(_) | Self::UnknownNamespace(_) | Self::Unknown => None,
        }
    }
}
