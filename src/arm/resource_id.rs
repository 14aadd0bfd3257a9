//! ARM resource ids: `/subscriptions/…/resourceGroups/…/providers/NAMESPACE/TYPE/NAME/TYPE/NAME`,
//! with a second `providers` part for extension resources.

/// The id of a resource, a resource group, a subscription or anything below a tenant.
#[derive(Clone, Debug)]
pub struct ResourceId {
    /// As written, without a slash at the end.
    path: String,
    levels: Vec<Level>,
}

/// One pair of type and name.
#[derive(Clone, Debug)]
struct Level {
    /// The provider that the pair is below; `None` above the first `providers`.
    provider: Option<String>,
    kind: String,
    name: String,
    /// Where the id of this level ends in `path`.
    end: usize,
}

impl ResourceId {
    /// Reads the path of a resource. `None` where it is no id: not ARM's, or of a collection or an
    /// action (see [`ResourceId::split`]).
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        match Self::split(path)? {
            (id, None) => Some(id),
            (_, Some(_)) => None,
        }
    }

    /// The resource that a path begins with, and the segment behind it: the name of an action or of
    /// a collection, which only the method tells apart.
    #[must_use]
    pub fn split(path: &str) -> Option<(Self, Option<&str>)> {
        let path = if path.starts_with("//") { &path[1..] } else { path };
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut rest = path.strip_prefix('/')?.split('/');
        let mut levels = Vec::new();
        let mut provider: Option<String> = None;
        let mut end = 0;
        let mut trailing = None;
        while let Some(kind) = rest.next() {
            let Some(name) = rest.next() else {
                trailing = Some(kind);
                break;
            };
            if kind.is_empty() || name.is_empty() {
                return None;
            }
            end += kind.len() + name.len() + 2;
            if kind.eq_ignore_ascii_case("providers") {
                provider = Some(name.to_owned());
            } else if provider.is_none() && levels.is_empty() && !kind.eq_ignore_ascii_case("subscriptions") {
                // Everything of ARM is below a subscription or a provider.
                return None;
            } else {
                levels.push(Level { provider: provider.clone(), kind: kind.to_owned(), name: name.to_owned(), end });
            }
        }
        let last = levels.last()?.end;
        // `…/providers/NAMESPACE/x` is a collection of `x`, not an action on what is above.
        if trailing.is_some() && last != end {
            return None;
        }
        // `…/providers/NAMESPACE` alone is the registration of a provider, not a resource.
        (last == end).then(|| (Self { path: path[..last].to_owned(), levels }, trailing))
    }

    /// The id, as written, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// The subscription.
    #[must_use]
    pub fn subscription(&self) -> Option<&str> {
        self.above_providers("subscriptions")
    }

    /// The resource group.
    #[must_use]
    pub fn resource_group(&self) -> Option<&str> {
        self.above_providers("resourceGroups")
    }

    /// The namespace of the innermost provider. `None` for subscriptions and resource groups.
    #[must_use]
    pub fn provider(&self) -> Option<&str> {
        self.last().and_then(|level| level.provider.as_deref())
    }

    /// The types below the innermost provider, outermost first.
    #[must_use]
    pub fn types(&self) -> Vec<&str> {
        self.innermost().iter().map(|level| level.kind.as_str()).collect()
    }

    /// The names below the innermost provider, outermost first.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.innermost().iter().map(|level| level.name.as_str()).collect()
    }

    /// The resource's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.last().map_or("", |level| &level.name)
    }

    /// The whole type, such as `Microsoft.CustomerInsights/hubs/profiles`. Subscriptions and groups
    /// are of `Microsoft.Resources`, as ARM itself says.
    #[must_use]
    pub fn resource_type(&self) -> String {
        match self.provider() {
            Some(provider) => format!("{provider}/{}", self.types().join("/")),
            None => format!("Microsoft.Resources/{}", self.last().map_or("", |level| &level.kind)),
        }
    }

    /// The resource that this one is in: of a top-level resource its group, of an extension resource
    /// what it extends.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let levels = &self.levels[..self.levels.len().checked_sub(1)?];
        let end = levels.last()?.end;
        Some(Self { path: self.path[..end].to_owned(), levels: levels.to_vec() })
    }

    fn last(&self) -> Option<&Level> {
        self.levels.last()
    }

    fn above_providers(&self, kind: &str) -> Option<&str> {
        self.levels
            .iter()
            .take_while(|level| level.provider.is_none())
            .find(|level| level.kind.eq_ignore_ascii_case(kind))
            .map(|level| level.name.as_str())
    }

    fn innermost(&self) -> &[Level] {
        let same =
            self.levels.iter().rev().take_while(|level| level.provider == self.last().and_then(|l| l.provider.clone()));
        &self.levels[self.levels.len() - same.count()..]
    }
}

/// Ids are the same without regard to case (S-40).
impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.path.eq_ignore_ascii_case(&other.path)
    }
}

impl Eq for ResourceId {}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h/profiles/p";

    #[test]
    fn a_nested_resource() {
        let id = ResourceId::parse(PROFILE).unwrap();
        assert_eq!((id.subscription(), id.resource_group()), (Some("s"), Some("g")));
        assert_eq!(id.provider(), Some("Microsoft.CustomerInsights"));
        assert_eq!((id.types(), id.names(), id.name()), (vec!["hubs", "profiles"], vec!["h", "p"], "p"));
        assert_eq!(id.resource_type(), "Microsoft.CustomerInsights/hubs/profiles");
        let mut parents = Vec::new();
        let mut next = id.parent();
        while let Some(parent) = next {
            parents.push(format!("{} {}", parent.resource_type(), parent.name()));
            next = parent.parent();
        }
        assert_eq!(
            parents,
            [
                "Microsoft.CustomerInsights/hubs h",
                "Microsoft.Resources/resourceGroups g",
                "Microsoft.Resources/subscriptions s"
            ]
        );
    }

    #[test]
    fn case_and_a_doubled_slash_do_not_matter() {
        let other = format!("/{}/", PROFILE.to_ascii_uppercase());
        assert_eq!(ResourceId::parse(&other), ResourceId::parse(PROFILE));
        assert_eq!(ResourceId::parse(&other).unwrap().resource_group(), Some("G"));
    }

    #[test]
    fn an_extension_resource_belongs_to_what_it_extends() {
        let id = ResourceId::parse(&format!("{PROFILE}/providers/Microsoft.Authorization/locks/l")).unwrap();
        assert_eq!(id.resource_type(), "Microsoft.Authorization/locks");
        assert_eq!(id.parent(), ResourceId::parse(PROFILE));
    }

    #[test]
    fn a_tenant_resource_has_no_subscription() {
        let id = ResourceId::parse("/providers/Microsoft.Management/managementGroups/m").unwrap();
        assert_eq!((id.subscription(), id.resource_type().as_str()), (None, "Microsoft.Management/managementGroups"));
        assert_eq!(id.parent(), None);
    }

    #[test]
    fn an_action_is_split_off() {
        let path = format!("{PROFILE}/getEnrichingKpis");
        let (id, action) = ResourceId::split(&path).unwrap();
        assert_eq!((Some(id), action), (ResourceId::parse(PROFILE), Some("getEnrichingKpis")));
        assert_eq!(ResourceId::parse(&path), None);
    }

    #[test]
    fn what_is_no_id_is_none() {
        for path in [
            "",
            "/",
            "x",
            "/subscriptions",
            "/api/zipdeploy",
            "/subscriptions//resourceGroups/g",
            "/subscriptions/s/providers/Microsoft.Web",
            "/subscriptions/s/providers/Microsoft.Web/sites",
        ] {
            assert_eq!(ResourceId::parse(path), None, "{path}");
        }
    }
}
