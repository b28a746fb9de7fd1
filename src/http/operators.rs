//! What people at the terminal have the daemon do stands in the audit log as `os:NAME`: whoever opened the socket.

use std::sync::Arc;

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use axum::serve::IncomingStream;
use nix::unistd::{Uid, User};
use tokio::net::UnixListener;

use crate::engine::Office;
use crate::events;
use crate::store::console::audit::Deed;

/// Who opened a connection to the socket: the user's number, if the system tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(Option<u32>);

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self(stream.io().peer_cred().ok().map(|peer| peer.uid()))
    }
}

impl Peer {
    /// The name in the audit log.
    fn name(self) -> String {
        let Some(uid) = self.0 else { return "os:?".to_owned() };
        match User::from_uid(Uid::from_raw(uid)) {
            Ok(Some(user)) => format!("os:{}", user.name),
            Ok(None) | Err(_) => format!("os:{uid}"),
        }
    }
}

/// What a request does, as the audit log says it, and to what. What changes nothing, and what is written down elsewhere, has no
/// word here.
fn deed(path: &str) -> Option<(&'static str, Option<String>)> {
    let mut parts = path.trim_start_matches("/v1/").split('/');
    let (first, second, third) = (parts.next()?, parts.next(), parts.next());
    let campaign = || second.map(|name| format!("campaign:{name}"));
    Some(match (first, second, third) {
        ("campaigns", None, None) => ("added_campaign", None),
        ("campaigns", Some(_), Some("start")) => ("started_campaign", campaign()),
        ("campaigns", Some(_), Some("pause")) => ("paused_campaign", campaign()),
        ("campaigns", Some(_), Some("resume")) => ("resumed_campaign", campaign()),
        ("campaigns", Some(_), Some("stop")) => ("stopped_campaign", campaign()),
        ("campaigns", Some(_), Some("import")) => ("imported_list", campaign()),
        ("dnc", None, None) => ("listed_do_not_call", None),
        ("dnc", Some("remove"), None) => ("unlisted_do_not_call", None),
        ("dnc", Some("import"), None) => ("imported_do_not_call", None),
        ("patients", Some("state"), None) => ("set_patient_state", None),
        ("patients", Some("state"), Some("clear")) => ("cleared_patient_state", None),
        ("appointments", None, None) => ("made_appointment", None),
        ("appointments", Some("remove"), None) => ("removed_appointment", None),
        ("thaw", None, None) => ("thawed_database", None),
        ("calls", None, None) => ("called_by_hand", None),
        ("purge", None, None) => ("purged", None),
        ("erase", None, None) => ("erased_patient", None),
        ("holds", None, None) => ("put_legal_hold", None),
        ("holds", Some("end"), None) => ("ended_legal_hold", None),
        ("rules", None, None) => ("added_rules", None),
        ("rules", Some("turn"), None) => ("turned_rules", None),
        ("rules", Some("draw"), None) => ("drew_sample", None),
        ("switches", None, None) => ("turned_switch", None),
        ("follow-ups", None, None) => ("changed_follow_up", None),
        _ => return None,
    })
}

/// Writes down what was done, after it was done and before it is answered.
pub(super) async fn note(State(office): State<Arc<Office>>, request: Request, next: Next) -> Response {
    let is_post = request.method() == Method::POST;
    let deed = is_post.then(|| deed(request.uri().path())).flatten();
    let peer = request
        .extensions()
        .get::<ConnectInfo<Peer>>()
        .map(|ConnectInfo(peer)| *peer);
    let response = next.run(request).await;
    if let (Some((deed, object)), Some(peer), true) = (deed, peer, response.status().is_success()) {
        let noted = Deed {
            at: office.clock().wall(),
            account_id: None,
            who: peer.name(),
            deed: deed.to_owned(),
            object,
            reason: None,
            detail: None,
            address: None,
        };
        // It is done: that it could not be noted is for the log.
        if let Err(why) = office.store().note_deed(noted).await {
            events::deed_not_noted(deed, tracing::field::display(&why));
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::deed;

    #[test]
    fn what_changes_something_has_a_word_and_what_only_looks_has_none() {
        let start = deed("/v1/campaigns/wards/start").unwrap();
        assert_eq!(start, ("started_campaign", Some("campaign:wards".to_owned())));
        assert_eq!(deed("/v1/holds/end").unwrap().0, "ended_legal_hold");
        for path in [
            "/v1/status",
            "/v1/accounts",
            "/v1/recordings",
            "/v1/",
            "/",
            "/v1/campaigns/x/y",
        ] {
            assert_eq!(deed(path), None, "{path}");
        }
    }
}
