//! How calls present the caller, and by which route they leave.

use super::*;

fn invite_of(trunk: Trunk) -> Request {
    Desk::with(trunk).call(LEG)
}

fn with(identity: Identity) -> Request {
    invite_of(Trunk { identity, ..trunk() })
}

fn field(request: &Request, name: Name) -> String {
    let value = request.headers.only(&name).unwrap_or_default();
    value.split(";tag=").next().unwrap().to_owned()
}

#[test]
fn without_an_identity_the_account_calls() {
    let invite = invite_of(trunk());
    assert_eq!(field(&invite, Name::From), "<sip:02166660000@trunk.example>");
    assert_eq!(invite.uri, "sip:13812341234@trunk.example");
    assert_eq!(invite.headers.first(&Name::PAssertedIdentity), None);
    assert_eq!(invite.headers.first(&Name::Privacy), None);
}

#[test]
fn an_identity_has_a_name_a_user_and_a_domain_of_its_own() {
    let invite = with(Identity {
        display_name: Some("示范\"医院\\\r\n".to_owned()),
        from_user: Some("+862166661111".to_owned()),
        from_domain: Some("hospital.example".to_owned()),
        asserted: Asserted::Asserted("+862166662222".to_owned()),
        user_param: UserParam::Phone,
        ..Identity::default()
    });
    let from = "\"示范\\\"医院\\\\\" <sip:+862166661111@hospital.example;user=phone>";
    assert_eq!(field(&invite, Name::From), from);
    let asserted = "<sip:+862166662222@hospital.example;user=phone>";
    assert_eq!(field(&invite, Name::PAssertedIdentity), asserted);
    assert_eq!(invite.uri, "sip:13812341234@trunk.example;user=phone");
    assert_eq!(field(&invite, Name::To), format!("<{}>", invite.uri));
    assert_eq!(field(&invite, Name::Contact), "<sip:02166660000@192.0.2.1:5060>");
}

#[test]
fn an_account_that_is_no_number_is_not_called_a_phone() {
    let identity = Identity {
        asserted: Asserted::Preferred("tel:+862166662222".to_owned()),
        user_param: UserParam::Phone,
        ..Identity::default()
    };
    let invite = invite_of(Trunk {
        identity,
        user: "clinic".to_owned(),
        ..trunk()
    });
    assert_eq!(field(&invite, Name::From), "<sip:clinic@trunk.example>");
    assert_eq!(field(&invite, Name::PPreferredIdentity), "<tel:+862166662222>");
}

#[test]
fn who_wants_privacy_calls_anonymously_and_still_tells_the_trunk() {
    let invite = with(Identity {
        display_name: Some("Clinic".to_owned()),
        asserted: Asserted::Asserted("sip:+862166662222@ims.example".to_owned()),
        privacy: Privacy::Id,
        ..Identity::default()
    });
    let anonymous = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
    assert_eq!(field(&invite, Name::From), anonymous);
    assert_eq!(field(&invite, Name::Privacy), "id");
    assert_eq!(
        field(&invite, Name::PAssertedIdentity),
        "<sip:+862166662222@ims.example>"
    );
}

#[test]
fn an_outbound_proxy_is_the_first_route_of_what_begins_something() {
    for proxy in [
        "sip:proxy.example:5062",
        "<sip:proxy.example:5062;lr>",
        "proxy.example:5062",
    ] {
        let mut desk = Desk::with(Trunk {
            outbound_proxy: Some(proxy.to_owned()),
            ..trunk()
        });
        let invite = desk.call(LEG);
        let route = "<sip:proxy.example:5062;lr>";
        assert_eq!(field(&invite, Name::Route), route);
        desk.order(Command::Register { trunk: TRUNK });
        assert_eq!(field(&desk.request(), Name::Route), route);
        // What the dialog's own route set says holds inside it.
        desk.reply(&invite, 486, "a", &[], b"");
        assert_eq!(field(&desk.request(), Name::Route), route);
    }
}

#[test]
fn a_call_may_show_another_number_than_the_identity_has() {
    let identity = Identity {
        from_user: Some("+862166661111".to_owned()),
        asserted: Asserted::Asserted("+862166662222".to_owned()),
        ..Identity::default()
    };
    let mut desk = Desk::with(Trunk { identity, ..trunk() });
    let invite = desk.call_showing(LEG, Some(Number::parse("+862166663333").unwrap()));
    assert_eq!(field(&invite, Name::From), "<sip:+862166663333@trunk.example>");
    assert_eq!(
        field(&invite, Name::PAssertedIdentity),
        "<sip:+862166663333@trunk.example>"
    );
}
