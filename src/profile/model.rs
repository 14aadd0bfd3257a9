//! The published shape of a profile (`spec/profile.md`, section 2), as data: what walks a body, what
//! checks types and what draws members all read it here.

use serde_json::Value;

use super::Place;

/// An object of the description.
#[derive(Debug)]
pub(super) struct Object {
    /// Its name in the description.
    pub(super) name: &'static str,
    pub(super) members: &'static [Member],
}

/// A member of an object.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) read_only: bool,
    /// The number of the defect that a value of another type is.
    pub(super) misfit: u8,
}

/// What a member holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Flag,
    Integer,
    /// One of a closed set of words.
    Word(&'static [&'static str]),
    /// Texts in an array.
    Names,
    /// Locale to text.
    Texts,
    /// Name to texts in an array.
    Lists,
    /// Locale to name to text.
    TextsByLocale,
    One(&'static Object),
    Many(&'static Object),
}

/// What `entityType` may be.
pub(super) const ENTITY_TYPES: [&str; 4] = ["None", "Profile", "Interaction", "Relationship"];

/// What `fieldType` may be (section 3).
pub(super) const FIELD_TYPES: [&str; 10] = [
    "Edm.String",
    "Edm.Int32",
    "Edm.Boolean",
    "Edm.Byte",
    "Edm.DateTimeOffset",
    "Edm.Decimal",
    "Edm.Double",
    "Edm.Guid",
    "Edm.Int16",
    "Edm.Int64",
];

/// The state words of the description: an open set.
pub(super) const STATES: [&str; 6] =
    ["Provisioning", "Succeeded", "Expiring", "Deleting", "HumanIntervention", "Failed"];

/// The field that every profile gets.
pub(super) const PROFILE_ID: &str = "ProfileId";

pub(super) static ROOT: Object = Object {
    name: "ProfileResourceFormat",
    members: &[
        member("id", Kind::Text).read_only(),
        member("name", Kind::Text).read_only(),
        member("type", Kind::Text).read_only(),
        member("properties", Kind::One(&PROFILE)).misfit(5),
    ],
};

pub(super) static PROFILE: Object = Object {
    name: "ProfileTypeDefinition",
    members: &[
        member("strongIds", Kind::Many(&STRONG_ID)),
        member("apiEntitySetName", Kind::Text),
        member("entityType", Kind::Word(&ENTITY_TYPES)).misfit(34),
        member("fields", Kind::Many(&FIELD)),
        member("instancesCount", Kind::Integer),
        member("lastChangedUtc", Kind::Text).read_only(),
        member("provisioningState", Kind::Text).read_only(),
        member("schemaItemTypeLink", Kind::Text),
        member("tenantId", Kind::Text).read_only(),
        member("timestampFieldName", Kind::Text),
        member("typeName", Kind::Text),
        member("attributes", Kind::Lists).misfit(33),
        member("description", Kind::Texts).misfit(33),
        member("displayName", Kind::Texts).misfit(33),
        member("localizedAttributes", Kind::TextsByLocale).misfit(33),
        member("smallImage", Kind::Text),
        member("mediumImage", Kind::Text),
        member("largeImage", Kind::Text),
    ],
};

pub(super) static STRONG_ID: Object = Object {
    name: "StrongId",
    members: &[
        member("keyPropertyNames", Kind::Names).required().misfit(13),
        member("strongIdName", Kind::Text).required(),
        member("displayName", Kind::Texts).misfit(33),
        member("description", Kind::Texts).misfit(33),
    ],
};

pub(super) static FIELD: Object = Object {
    name: "PropertyDefinition",
    members: &[
        member("fieldName", Kind::Text).required(),
        member("fieldType", Kind::Text).required(),
        member("isArray", Kind::Flag),
        member("isEnum", Kind::Flag),
        member("isFlagEnum", Kind::Flag),
        member("isImage", Kind::Flag),
        member("isLocalizedString", Kind::Flag),
        member("isName", Kind::Flag),
        member("isRequired", Kind::Flag),
        member("isAvailableInGraph", Kind::Flag),
        member("arrayValueSeparator", Kind::Text),
        member("enumValidValues", Kind::Many(&ENUM_VALUE)),
        member("maxLength", Kind::Integer).misfit(28),
        member("propertyId", Kind::Text),
        member("schemaItemPropLink", Kind::Text),
        member("dataSourcePrecedenceRules", Kind::Many(&PRECEDENCE)).read_only(),
    ],
};

pub(super) static ENUM_VALUE: Object = Object {
    name: "ProfileEnumValidValuesFormat",
    members: &[member("value", Kind::Integer).misfit(26), member("localizedValueNames", Kind::Texts).misfit(33)],
};

static PRECEDENCE: Object = Object {
    name: "DataSourcePrecedence",
    members: &[member("dataSource", Kind::One(&DATA_SOURCE)), member("precedence", Kind::Integer)],
};

pub(super) static DATA_SOURCE: Object = Object {
    name: "DataSource",
    members: &[
        member("name", Kind::Text).read_only(),
        member("dataSourceType", Kind::Text).read_only(),
        member("status", Kind::Text).read_only(),
        member("id", Kind::Integer).read_only(),
        member("dataSourceReferenceId", Kind::Text).read_only(),
    ],
};

/// A value of another type is defect 32 where nothing else is said.
const fn member(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, required: false, read_only: false, misfit: 32 }
}

impl Member {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    const fn misfit(mut self, number: u8) -> Self {
        self.misfit = number;
        self
    }
}

impl Object {
    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// Whether a client writes the member at the end of this path (names without the places in arrays) by the
/// published description: it is there, and not for reading alone.
#[must_use]
pub fn writes(path: &[&str]) -> bool {
    let mut object = &ROOT;
    for name in path {
        let member = object.member(name);
        match member.filter(|member| !member.read_only).map(|member| member.kind) {
            Some(Kind::One(inner) | Kind::Many(inner)) => object = inner,
            // What is below is the caller's: locales, names of attributes.
            Some(_) => return true,
            None => return false,
        }
    }
    true
}

/// One member of one object of a document.
pub(super) struct Seen<'a> {
    pub(super) place: Place,
    pub(super) object: &'static Object,
    /// `None` for one that the description does not know.
    pub(super) member: Option<&'static Member>,
    pub(super) value: &'a Value,
}

/// Every member of every object in `body` that the description knows.
pub(super) fn members(body: &Value) -> Vec<Seen<'_>> {
    let mut seen = Vec::new();
    collect(&ROOT, body, &Place::root(), &mut seen);
    seen
}

fn collect<'a>(object: &'static Object, value: &'a Value, place: &Place, seen: &mut Vec<Seen<'a>>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let member = object.member(name);
        let place = place.member(name);
        match (member.map(|member| member.kind), value) {
            (Some(Kind::One(inner)), _) => collect(inner, value, &place, seen),
            (Some(Kind::Many(inner)), Value::Array(items)) => {
                for (at, item) in items.iter().enumerate() {
                    collect(inner, item, &place.item(at), seen);
                }
            }
            _ => {}
        }
        seen.push(Seen { place, object, member, value });
    }
}

/// A value that is not what its member holds.
pub(super) struct Misfit {
    /// The defect that it is.
    pub(super) number: u8,
    pub(super) place: Place,
    /// What it should be.
    pub(super) wanted: String,
}

/// Every value of `body` that has another type than the description gives it. `null` is no value.
pub(super) fn misfits(body: &Value) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    for Seen { place, member, value, .. } in members(body) {
        let Some(member) = member.filter(|_| !value.is_null()) else { continue };
        misfit(member.kind, member.misfit, value, &place, &mut misfits);
    }
    misfits
}

fn misfit(kind: Kind, number: u8, value: &Value, place: &Place, misfits: &mut Vec<Misfit>) {
    match (kind, value) {
        (Kind::Text, Value::String(_)) | (Kind::Flag, Value::Bool(_)) | (Kind::One(_), Value::Object(_)) => {}
        (Kind::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {}
        (Kind::Word(words), Value::String(word)) if words.contains(&word.as_str()) => {}
        // The container may have a number of its own; what is in it, is of the wrong type like any other.
        (Kind::Names, Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                misfit(Kind::Text, 32, item, &place.item(at), misfits);
            }
        }
        (Kind::Many(inner), Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                misfit(Kind::One(inner), 32, item, &place.item(at), misfits);
            }
        }
        (Kind::Texts | Kind::Lists | Kind::TextsByLocale, Value::Object(entries)) => {
            for (name, value) in entries {
                let inner = place.member(name);
                match (kind, value) {
                    (Kind::Lists, Value::Array(items)) => {
                        for (at, item) in items.iter().enumerate() {
                            misfit(Kind::Text, number, item, &inner.item(at), misfits);
                        }
                    }
                    (Kind::Lists, _) => {
                        misfits.push(Misfit { number, place: inner, wanted: Kind::Names.words() });
                    }
                    (Kind::TextsByLocale, _) => misfit(Kind::Texts, number, value, &inner, misfits),
                    _ => misfit(Kind::Text, number, value, &inner, misfits),
                }
            }
        }
        _ => misfits.push(Misfit { number, place: place.clone(), wanted: kind.words() }),
    }
}

impl Kind {
    fn words(self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Integer => "an integer".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Names => "an array of strings".to_owned(),
            Self::Texts => "an object from locale to string".to_owned(),
            Self::Lists => "an object from name to array of strings".to_owned(),
            Self::TextsByLocale => "an object from locale to an object from name to string".to_owned(),
            Self::One(_) => "an object".to_owned(),
            Self::Many(_) => "an array of objects".to_owned(),
        }
    }
}
