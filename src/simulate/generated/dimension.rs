//! How a dimension of a recipe is written down: its choices in their order, the plainest first, each with
//! the strength of the service that makes it.

/// Declares a dimension: an enum, and the table of its choices.
macro_rules! dimension {
    ($(#[$doc:meta])* $name:ident { $first:ident: $first_kind:ident $first_words:literal, $($value:ident: $kind:ident $words:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            #[doc = $first_words]
            #[default]
            $first,
            $(#[doc = $words] $value,)*
        }

        impl $name {
            /// The choices, the plainest first, with what sort of service makes each, and words.
            pub const ALL: &'static [(Self, Kind, &'static str)] = &[
                (Self::$first, Kind::$first_kind, $first_words),
                $((Self::$value, Kind::$kind, $words),)*
            ];
        }
    };
}

/// Declares the recipe out of its dimensions.
macro_rules! recipe {
    ($($(#[$doc:meta])* $field:ident: $type:ident,)*) => {
        /// A service as plain data: one choice in each dimension. What a choice cannot show beside the
        /// others counts for nothing ([`Recipe::settled`]).
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
        pub struct Recipe {
            $($(#[$doc])* pub $field: $type,)*
            /// What the body is drawn from.
            pub body_seed: u64,
            /// How many times the drawn body was made simpler.
            pub body_steps: u32,
        }

        /// How many dimensions a recipe has.
        pub const DIMENSIONS: usize = [$(stringify!($field)),*].len();

        impl Recipe {
            /// The dimensions in their order: a name, and the choices with strength and words.
            #[must_use]
            pub fn dimensions() -> [Dimension; DIMENSIONS] {
                [$(Dimension {
                    name: stringify!($field),
                    choices: $type::ALL.iter().map(|(value, kind, words)| Choice {
                        name: kebab(&format!("{value:?}")), kind: *kind, words,
                    }).collect(),
                }),*]
            }

            /// How many choices each dimension has.
            pub(super) const SIZES: [usize; DIMENSIONS] = [$($type::ALL.len()),*];

            /// The choice in each dimension, by its place.
            pub(super) fn choices(&self) -> [u8; DIMENSIONS] {
                [$(self.$field as u8),*]
            }

            /// A dimension with its choice, such as `poll-wait two`.
            pub(super) fn name_of(&self, dimension: usize) -> String {
                let name_of: [fn(&Self) -> String; DIMENSIONS] = [$(
                    |recipe| format!("{} {}", stringify!($field).replace('_', "-"), kebab(&format!("{:?}", recipe.$field)))
                ),*];
                name_of[dimension](self)
            }

            /// The recipe of these choices; a place that there is not counts as the plainest.
            pub(super) fn of(choices: [u8; DIMENSIONS]) -> Self {
                let mut places = choices.into_iter().map(usize::from);
                Self {
                    $($field: places.next().and_then(|at| $type::ALL.get(at)).map(|row| row.0).unwrap_or_default(),)*
                    ..Self::default()
                }
            }

            /// What sort of service makes each of its choices.
            pub(super) fn kinds(&self) -> [Kind; DIMENSIONS] {
                [$($type::ALL[self.$field as usize].1),*]
            }
        }

        /// The dimensions by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(non_camel_case_types, reason = "they are the names of fields")]
        #[repr(u8)]
        pub(super) enum Field { $($field,)* }
    };
}

pub(super) use {dimension, recipe};
