//! The names of header fields, their compact forms (RFC 3261 section 7.3.3, tables 2 and 3).

macro_rules! names {
    ($($name:ident = $long:literal $(, $compact:literal)?;)+) => {
        /// The name of a header field; case does not matter, compact forms are the same names.
        #[derive(Clone, Debug)]
        #[expect(missing_docs, reason = "the names are the RFC's")]
        pub enum Name {
            $($name,)+
            /// Any other field, as written.
            Other(String),
        }

        impl Name {
            /// The name that a token gives.
            pub fn named(token: &str) -> Self {
                $(
                    if token.eq_ignore_ascii_case($long) $(|| token.eq_ignore_ascii_case($compact))? {
                        return Self::$name;
                    }
                )+
                Self::Other(token.to_owned())
            }

            /// The long form.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $long,)+
                    Self::Other(token) => token,
                }
            }
        }
    };
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other(one), Self::Other(two)) => one.eq_ignore_ascii_case(two),
            (one, two) => std::mem::discriminant(one) == std::mem::discriminant(two),
        }
    }
}

impl Eq for Name {}

names! {
    Via = "Via", "v";
    From = "From", "f";
    To = "To", "t";
    CallId = "Call-ID", "i";
    CSeq = "CSeq";
    MaxForwards = "Max-Forwards";
    Contact = "Contact", "m";
    Route = "Route";
    RecordRoute = "Record-Route";
    Require = "Require";
    Supported = "Supported", "k";
    Unsupported = "Unsupported";
    Allow = "Allow";
    Accept = "Accept";
    Expires = "Expires";
    MinExpires = "Min-Expires";
    ContentType = "Content-Type", "c";
    ContentLength = "Content-Length", "l";
    Authorization = "Authorization";
    ProxyAuthorization = "Proxy-Authorization";
    WwwAuthenticate = "WWW-Authenticate";
    ProxyAuthenticate = "Proxy-Authenticate";
    AuthenticationInfo = "Authentication-Info";
    ProxyAuthenticationInfo = "Proxy-Authentication-Info";
    ServiceRoute = "Service-Route";
    PAssertedIdentity = "P-Asserted-Identity";
    PPreferredIdentity = "P-Preferred-Identity";
    Privacy = "Privacy";
    AlertInfo = "Alert-Info";
    CallInfo = "Call-Info";
    Reason = "Reason";
    RetryAfter = "Retry-After";
    UserAgent = "User-Agent";
    RSeq = "RSeq";
    RAck = "RAck";
    SessionExpires = "Session-Expires", "x";
    MinSe = "Min-SE";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_tells_no_names_apart_known_ones_or_others() {
        assert_eq!(Name::named("cALL-id"), Name::CallId);
        assert_eq!(Name::named("I"), Name::CallId);
        assert_eq!(Name::named("X-Own"), Name::named("x-own"));
        assert_ne!(Name::named("X-Own"), Name::named("X-Other"));
        assert_ne!(Name::named("X-Own"), Name::Via);
    }
}
