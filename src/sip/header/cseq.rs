//! CSeq: the order of requests in a dialog (RFC 3261 section 20.16).

use super::scan::{SPACES, number, trimmed};
use crate::sip::message::Method;

/// A sequence number below 2^31 and the method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// 0 to 2^31 - 1.
    pub number: u32,
    /// That of the request, whatever the start line says.
    pub method: Method,
}

impl CSeq {
    /// Reads `4711 INVITE`.
    pub fn read(value: &str) -> Option<Self> {
        let (digits, method) = trimmed(value).split_once(SPACES)?;
        let number = number(digits).filter(|&number| number < 1 << 31)?;
        Some(Self {
            number,
            method: Method::named(trimmed(method)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_count_and_overlarge_numbers_do_not() {
        let read = CSeq::read("0009  INVITE").unwrap();
        assert_eq!((read.number, read.method), (9, Method::Invite));
        assert_eq!(CSeq::read("2147483648 INVITE"), None);
        assert_eq!(CSeq::read("36893488147419103232 REGISTER"), None);
        assert_eq!(CSeq::read("INVITE"), None);
    }
}
