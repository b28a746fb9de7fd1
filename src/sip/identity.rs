//! How calls present the caller: From, the network-asserted identity, privacy (RFC 3261 section 8.1.1.3, RFC 3325, RFC 3323).

use super::door::{Asserted, Privacy, Transport, Trunk, UserParam};
use super::header::Name;
use super::message::Headers;
use super::uri;

impl Trunk {
    /// Our address of record: From and To of REGISTER, From of OPTIONS.
    pub(crate) fn address(&self) -> String {
        uri::sip(&self.user, &self.domain)
    }

    /// Our Contact on this trunk.
    pub(crate) fn contact(&self, transport: Transport) -> String {
        let contact = uri::sip(&self.user, &self.advertised.to_string());
        match transport {
            Transport::Udp => contact,
            Transport::Tcp => format!("{contact};transport=tcp"),
        }
    }

    /// The URI of a number on this trunk.
    pub(crate) fn uri_of(&self, number: &str) -> String {
        self.with_user_param(number, &self.domain)
    }

    /// The From of a call, without its tag. `shown` stands in for the identity's own number.
    pub(crate) fn caller(&self, shown: Option<&str>) -> String {
        let identity = &self.identity;
        if identity.privacy == Privacy::Id {
            return "\"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned();
        }
        let user = shown.or(identity.from_user.as_deref()).unwrap_or(&self.user);
        let uri = self.with_user_param(user, self.caller_domain());
        match &identity.display_name {
            Some(name) => format!("{} <{uri}>", quoted(name)),
            None => format!("<{uri}>"),
        }
    }

    /// Adds what the trunk shall believe of the caller, and whether it may be shown. `shown` stands in for the identity's
    /// own number, where the trunk is told one.
    pub(crate) fn identify(&self, shown: Option<&str>, headers: &mut Headers) {
        match &self.identity.asserted {
            Asserted::None => {}
            Asserted::Asserted(who) => headers.push(Name::PAssertedIdentity, self.asserted(shown.unwrap_or(who))),
            Asserted::Preferred(who) => headers.push(Name::PPreferredIdentity, self.asserted(shown.unwrap_or(who))),
        }
        if self.identity.privacy == Privacy::Id {
            headers.push(Name::Privacy, "id");
        }
    }

    fn asserted(&self, who: &str) -> String {
        let is_whole = ["sip:", "sips:", "tel:"].iter().any(|scheme| {
            who.get(..scheme.len())
                .is_some_and(|own| own.eq_ignore_ascii_case(scheme))
        });
        if is_whole {
            let safe = |c: &char| !c.is_whitespace() && !c.is_control() && !"<>\"".contains(*c);
            return format!("<{}>", who.chars().filter(safe).collect::<String>());
        }
        format!("<{}>", self.with_user_param(who, self.caller_domain()))
    }

    fn caller_domain(&self) -> &str {
        self.identity.from_domain.as_ref().unwrap_or(&self.domain)
    }

    fn with_user_param(&self, user: &str, domain: &str) -> String {
        let uri = uri::sip(user, domain);
        match self.identity.user_param {
            UserParam::Phone if is_telephone_number(user) => format!("{uri};user=phone"),
            UserParam::Phone | UserParam::None => uri,
        }
    }
}

/// Digits, behind a plus where it is global.
fn is_telephone_number(user: &str) -> bool {
    let digits = user.strip_prefix('+').unwrap_or(user);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// A name as a quoted string (RFC 3261 section 25.1); what would break the line is left out.
pub(super) fn quoted(name: &str) -> String {
    let mut text = String::from("\"");
    for c in name.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    text
}
