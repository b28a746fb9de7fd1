//! Requests and responses as values (RFC 3261 section 7): the start line, header fields in order, a body.

use std::fmt;

use super::header::Name;

/// One SIP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// It asks.
    Request(Request),
    /// It answers.
    Response(Response),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it asks for.
    pub method: Method,
    /// The Request-URI as it stands in the start line.
    pub uri: String,
    /// The protocol version of the start line.
    pub version: Version,
    /// All header fields but Content-Length, which is framing.
    pub headers: Headers,
    /// The body, to its declared length.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 100 to 699.
    pub status: u16,
    /// The reason phrase, often empty.
    pub phrase: String,
    /// All header fields but Content-Length, which is framing.
    pub headers: Headers,
    /// The body, to its declared length.
    pub body: Vec<u8>,
}

/// The version in a request line; a response of another version is no response to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// SIP/2.0
    Two,
    /// Another one, as written.
    Other(String),
}

macro_rules! methods {
    ($($(#[$meta:meta])* $name:ident = $text:literal;)+) => {
        /// A method; case-sensitive (RFC 3261 section 7.1).
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Method {
            $($(#[$meta])* $name,)+
            /// Any other token.
            Other(String),
        }

        impl Method {
            /// The method that a token names.
            pub fn named(token: &str) -> Self {
                match token {
                    $($text => Self::$name,)+
                    other => Self::Other(other.to_owned()),
                }
            }

            /// The token on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Other(token) => token,
                }
            }
        }
    };
}

methods! {
    /// RFC 3261 section 13.
    Invite = "INVITE";
    /// RFC 3261 section 17.
    Ack = "ACK";
    /// RFC 3261 section 15.
    Bye = "BYE";
    /// RFC 3261 section 9.
    Cancel = "CANCEL";
    /// RFC 3261 section 11.
    Options = "OPTIONS";
    /// RFC 3261 section 10.
    Register = "REGISTER";
    /// RFC 6086, and the older INFO of RFC 2976.
    Info = "INFO";
    /// RFC 3311.
    Update = "UPDATE";
    /// RFC 3262.
    Prack = "PRACK";
    /// RFC 3428.
    Message = "MESSAGE";
    /// RFC 6665.
    Subscribe = "SUBSCRIBE";
    /// RFC 6665.
    Notify = "NOTIFY";
    /// RFC 3515.
    Refer = "REFER";
    /// RFC 3903.
    Publish = "PUBLISH";
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Header fields in the order of the message; a list field may stand in several lines or in one with commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Name, String)>);

impl Headers {
    /// Adds a field at the end.
    pub fn push(&mut self, name: Name, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }

    /// Gives the first field of this name another value.
    pub(crate) fn replace(&mut self, name: &Name, value: &str) {
        if let Some((_, own)) = self.0.iter_mut().find(|(own, _)| own == name) {
            value.clone_into(own);
        }
    }

    /// The value of the first field of this name.
    pub fn first(&self, name: &Name) -> Option<&str> {
        self.all(name).next()
    }

    /// The value, when there is exactly one field of this name.
    pub fn only(&self, name: &Name) -> Option<&str> {
        let mut all = self.all(name);
        all.next().filter(|_| all.next().is_none())
    }

    /// The values of all fields of this name, line by line.
    pub fn all<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every element of a list field, over all lines of this name.
    pub fn list<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a str> {
        self.all(name)
            .flat_map(|line| super::header::split(line, b','))
            .filter(|value| !value.is_empty())
    }

    /// All fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &str)> {
        self.0.iter().map(|(name, value)| (name, value.as_str()))
    }
}

/// The standard phrase of the statuses that we send (RFC 3261 section 21).
pub(crate) fn phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "Version Not Supported",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        _ => "Refused",
    }
}
