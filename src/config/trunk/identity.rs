//! How the calls of a trunk present the caller.

use crate::document::{Faults, Table};

/// How calls present the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Display name in From.
    pub display_name: Option<String>,
    /// User part of From, when it is not the account.
    pub from_user: Option<String>,
    /// Host part of From, when it is not the domain.
    pub from_domain: Option<String>,
    /// What P-Asserted- or P-Preferred-Identity says.
    pub asserted: Option<(Assertion, String)>,
    /// Whether the number may be shown to the called.
    pub privacy: Privacy,
    /// Whether URIs say `user=phone`.
    pub user_phone: bool,
}

/// The two header fields of RFC 3325.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assertion {
    /// P-Asserted-Identity.
    Asserted,
    /// P-Preferred-Identity.
    Preferred,
}

/// Privacy (RFC 3323).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Privacy {
    /// The number is shown.
    #[default]
    None,
    /// It is withheld.
    Id,
}

pub(super) const KEYS: &[&str] = &[
    "display_name",
    "from_user",
    "from_domain",
    "asserted_identity",
    "preferred_identity",
    "privacy",
    "user_phone",
];

impl Identity {
    pub(super) fn read(table: &Table<'_>, faults: &mut Faults) -> Self {
        let asserted = identity(table, "asserted_identity", faults);
        let preferred = identity(table, "preferred_identity", faults);
        if asserted.is_some() && preferred.is_some() {
            faults.error(
                table.place_of("preferred_identity"),
                "`preferred_identity` stands beside `asserted_identity`; expected one of them: asserted where the carrier \
                 trusts this host, else preferred",
            );
        }
        let privacy = table.optional_one_of("privacy", &[("none", Privacy::None), ("id", Privacy::Id)], faults);
        Self {
            display_name: text(
                table,
                "display_name",
                "a name without line breaks",
                |c| !c.is_control(),
                faults,
            ),
            from_user: text(table, "from_user", USER, is_of_user, faults),
            from_domain: text(table, "from_domain", DOMAIN, is_of_domain, faults),
            asserted: asserted
                .map(|identity| (Assertion::Asserted, identity))
                .or_else(|| preferred.map(|identity| (Assertion::Preferred, identity))),
            privacy: privacy.unwrap_or_default(),
            user_phone: table.optional_bool("user_phone", faults).unwrap_or_default(),
        }
    }
}

pub(super) const USER: &str = "a number or account, without spaces, quotation marks, @ or <>";
pub(super) const DOMAIN: &str = "a host name or an IP address";

pub(super) fn is_of_user(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !"<>\"@\\".contains(c)
}

pub(super) fn is_of_domain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.:[]".contains(c)
}

/// A text of which every character is one of those that may stand there.
pub(super) fn text(
    table: &Table<'_>,
    key: &str,
    expected: &str,
    fits: fn(char) -> bool,
    faults: &mut Faults,
) -> Option<String> {
    let read = |text: &str| match text.chars().find(|c| !fits(*c)) {
        Some(c) => Err(format!("{c:?} cannot stand there")),
        None => Ok(text.to_owned()),
    };
    table.optional_parsed(key, expected, read, faults)
}

fn identity(table: &Table<'_>, key: &str, faults: &mut Faults) -> Option<String> {
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"\\".contains(c);
    text(
        table,
        key,
        "a number, user@host, or a whole sip: or tel: URI",
        fits,
        faults,
    )
}
