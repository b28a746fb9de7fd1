//! The SIP messages of a capture, in the order in which they crossed the loopback.

use std::collections::BTreeMap;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    /// Seconds.
    pub(crate) at: f64,
    pub(crate) from: u16,
    pub(crate) to: u16,
    /// Empty for a response.
    pub(crate) method: String,
    /// 0 for a request.
    pub(crate) status: u16,
    pub(crate) call_id: String,
    pub(crate) cseq: String,
    pub(crate) cseq_method: String,
    pub(crate) from_tag: String,
    pub(crate) to_tag: String,
    /// Of the topmost Via.
    pub(crate) branch: String,
    /// User part of To.
    pub(crate) called: String,
}

/// What tshark is asked for, in the order of `message`.
pub(super) const FIELDS: [&str; 14] = [
    "frame.time_epoch",
    "udp.srcport",
    "tcp.srcport",
    "udp.dstport",
    "tcp.dstport",
    "sip.Method",
    "sip.Status-Code",
    "sip.Call-ID",
    "sip.CSeq.seq",
    "sip.CSeq.method",
    "sip.from.tag",
    "sip.to.tag",
    "sip.Via.branch",
    "sip.to.user",
];

/// One line of fields, parted by tabs.
pub(super) fn message(line: &str) -> Option<Message> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [
        at,
        udp_from,
        tcp_from,
        udp_to,
        tcp_to,
        method,
        status,
        call_id,
        cseq,
        cseq_method,
        from_tag,
        to_tag,
        branch,
        called,
    ] = fields.try_into().ok()?;
    let port = |udp: &str, tcp: &str| [udp, tcp].iter().find_map(|port| port.parse().ok());
    Some(Message {
        at: at.parse().ok()?,
        from: port(udp_from, tcp_from)?,
        to: port(udp_to, tcp_to)?,
        method: method.to_owned(),
        status: status.parse().unwrap_or_default(),
        call_id: call_id.to_owned(),
        cseq: cseq.to_owned(),
        cseq_method: cseq_method.to_owned(),
        from_tag: from_tag.to_owned(),
        to_tag: to_tag.to_owned(),
        branch: branch.to_owned(),
        called: called.to_owned(),
    })
}

/// The messages of each Call-ID.
pub(crate) fn by_call(messages: &[Message]) -> BTreeMap<&str, Vec<&Message>> {
    let mut calls: BTreeMap<&str, Vec<&Message>> = BTreeMap::new();
    for message in messages {
        calls.entry(&message.call_id).or_default().push(message);
    }
    calls
}

impl Message {
    /// A request of this method.
    pub(crate) fn asks(&self, method: &str) -> bool {
        self.method == method
    }

    /// A 2xx to an INVITE.
    pub(crate) fn accepts(&self) -> bool {
        (200..300).contains(&self.status) && self.cseq_method == "INVITE"
    }

    /// An INVITE outside a dialog.
    pub(crate) fn calls(&self) -> bool {
        self.asks("INVITE") && self.to_tag.is_empty()
    }
}
