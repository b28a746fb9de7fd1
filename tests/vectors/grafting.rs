//! A response of the tables made an answer to a request that waits for one.

use crate::message::{Plain, with_field};

/// What keeps the response from being a good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Nothing that grafting replaces.
    Nothing,
    /// The number of its CSeq.
    CSeqNumber,
}

/// The response with the top Via, Call-ID, From and CSeq of a request.
pub(crate) fn grafted(response: &[u8], request: &Plain, keep: Keep) -> Vec<u8> {
    let cseq = request.first("CSeq").to_owned();
    let cseq = match keep {
        Keep::Nothing => cseq,
        Keep::CSeqNumber => {
            let own = Plain::read(response).first("CSeq").to_owned();
            format!("{} {}", own.split(' ').next().unwrap(), cseq.split(' ').nth(1).unwrap())
        }
    };
    let values = [
        ("Via", request.first("Via")),
        ("Call-ID", request.first("Call-ID")),
        ("From", request.first("From")),
        ("CSeq", &cseq),
    ];
    values.iter().fold(response.to_vec(), |message, (name, value)| {
        with_field(&message, name, value)
    })
}
