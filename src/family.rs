//! Family: how an open-ended family lists its members. One line a member gives the name in a file, the default, the laws test.

/// Declares the list of a family: an enum that is read from TOML by `kind = "member-name"`, and that dereferences to the trait.
///
/// Every member is a plain struct with `Default`; `members()` gives one of each, which is what the laws tests iterate over.
macro_rules! family {
    ($(#[$meta:meta])* $name:ident: $trait:ident { $($(#[$member_doc:meta])* $member:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind", rename_all = "kebab-case")]
        pub enum $name {
            $(
                $(#[$member_doc])*
                $member($member),
            )+
        }

        impl $name {
            /// One of each member, with its default parameters.
            pub fn members() -> Vec<$name> {
                vec![$($name::$member(<$member>::default())),+]
            }

            /// The member that stands behind a trait object, if it is of this family: what a file can say about it.
            pub fn from_any(member: &dyn std::any::Any) -> Option<$name> {
                let wrapped = member.downcast_ref::<$name>().cloned();
                wrapped$(.or_else(|| member.downcast_ref::<$member>().cloned().map($name::$member)))+
            }
        }

        impl std::ops::Deref for $name {
            type Target = dyn $trait;

            fn deref(&self) -> &(dyn $trait + 'static) {
                match self {
                    $($name::$member(member) => member),+
                }
            }
        }

        $(
            impl From<$member> for $name {
                fn from(member: $member) -> Self {
                    $name::$member(member)
                }
            }
        )+
    };
}
pub(crate) use family;
