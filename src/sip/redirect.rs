//! Redirection (RFC 3261 section 8.1.3.4): followed once, over the same trunk, to a host that the trunk allows; refused
//! otherwise, so that a failed call keeps its 3xx.

use super::agent::UserAgent;
use super::door::Trunk;
use super::header::{Address, Name};
use super::leg::Leg;
use super::message::Response;
use super::uri::Uri;
use crate::ids::LegId;

/// So often one call follows.
const REDIRECTS: u8 = 1;

impl UserAgent {
    /// Whether a refusal sends the call to an address that it may follow.
    pub(super) fn redirect(&mut self, id: LegId, response: &Response) -> bool {
        let Some(leg) = self.legs.get_mut(&id) else {
            return false;
        };
        let trunk = self.settings.line(leg.neighbour);
        trunk.is_some_and(|trunk| leg.follows(trunk, response))
    }
}

impl Leg {
    /// Takes the contact that a 3xx names as the new Request-URI; tells whether there is one to follow.
    fn follows(&mut self, trunk: &Trunk, response: &Response) -> bool {
        if !matches!(response.status, 300..=302) || self.redirects >= REDIRECTS {
            return false;
        }
        let mut best: Option<(u32, &str)> = None;
        for contact in response.headers.list(&Name::Contact).filter_map(Address::read) {
            let quality = contact.param("q").map_or(1000, |q| thousandths(&q));
            if is_allowed(trunk, contact.uri) && best.is_none_or(|(known, _)| quality > known) {
                best = Some((quality, contact.uri));
            }
        }
        let Some((_, uri)) = best else {
            return false;
        };
        self.redirects += 1;
        // Header fields that the address would add to our request are not its business.
        uri.split('?').next().unwrap_or(uri).clone_into(&mut self.uri);
        true
    }
}

fn is_allowed(trunk: &Trunk, uri: &str) -> bool {
    Uri::read(uri).is_ok_and(|uri| {
        let mut hosts = trunk.redirect_hosts.iter();
        hosts.any(|host| host.eq_ignore_ascii_case(uri.host))
    })
}

/// A q value: 0 to 1 with three decimals at most; one that breaks the grammar counts least.
pub(super) fn thousandths(q: &str) -> u32 {
    let (whole, part) = q.trim().split_once('.').unwrap_or((q.trim(), ""));
    let digits: String = format!("{part:0<3}").chars().take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(whole), Ok(part)) => whole.saturating_mul(1000).saturating_add(part).min(1000),
        (Ok(_) | Err(_), _) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn qualities_are_compared_as_numbers() {
        assert_eq!(
            ["1", "0.7", "0.25", ".5", "x", "7"].map(thousandths),
            [1000, 700, 250, 0, 0, 1000]
        );
    }
}
