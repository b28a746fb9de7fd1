//! The trunks of the settings, as user agent, dialer and media know them.

use std::net::SocketAddr;

use crate::config::{self, Settings};
use crate::{control, sip};

/// What the control core has to know. `locals`: the signalling address that each trunk got, in their order; `phones`: that
/// of the phones.
pub(super) fn control_settings(
    settings: &Settings,
    locals: &[SocketAddr],
    phones: Option<SocketAddr>,
) -> control::Settings {
    let trunks = || settings.trunks.iter().zip(locals);
    control::Settings {
        sip: sip::Settings {
            trunks: trunks().map(|(trunk, local)| sip_trunk(trunk, *local)).collect(),
            inbound_status: settings.sip.inbound_status,
            phones: settings
                .phones
                .as_ref()
                .zip(phones)
                .map(|(phones, local)| sip_phones(phones, local)),
        },
        trunks: trunks().map(|(trunk, local)| control_trunk(trunk, *local)).collect(),
        ports: settings.media.ports.clone(),
        data: settings.place.data.clone(),
    }
}

/// The phones as the user agent knows them; who may register is told when the store has said so.
fn sip_phones(phones: &config::Phones, local: SocketAddr) -> sip::Phones {
    let mut known = sip::Phones::new(local, &phones.realm);
    if let Some((ip, port)) = phones.advertised {
        known.line.advertised = SocketAddr::new(ip, port.unwrap_or(local.port()));
    }
    known.line.session_expires = phones.session_expires;
    known
}

/// A trunk as the user agent knows it; without targets while its name has to be looked up.
pub(super) fn sip_trunk(trunk: &config::Trunk, local: SocketAddr) -> sip::Trunk {
    let target = |address| sip::Target {
        transport: transport(trunk.transport),
        address,
    };
    sip::Trunk {
        name: trunk.name.clone(),
        targets: trunk.next_hop().socket().map(target).into_iter().collect(),
        local,
        advertised: trunk
            .advertised
            .map_or(local, |(ip, port)| SocketAddr::new(ip, port.unwrap_or(local.port()))),
        outbound_proxy: trunk.outbound_proxy.as_ref().map(|proxy| route(proxy, trunk.transport)),
        domain: trunk.domain.clone(),
        user: trunk.user.clone(),
        identity: identity(&trunk.identity),
        auth_user: trunk.auth_user.clone(),
        password: trunk.password.clone(),
        realm: trunk.realm.clone(),
        register: trunk.register,
        reliable: match trunk.reliable {
            config::Reliable::Off => sip::Reliable::Off,
            config::Reliable::Supported => sip::Reliable::Supported,
            config::Reliable::Required => sip::Reliable::Required,
        },
        session_expires: trunk.session_expires,
        redirect_hosts: trunk.redirect_hosts.clone(),
    }
}

/// What carries SIP, in the user agent's words.
pub(super) const fn transport(transport: config::Transport) -> sip::Transport {
    match transport {
        config::Transport::Udp => sip::Transport::Udp,
        config::Transport::Tcp => sip::Transport::Tcp,
    }
}

fn control_trunk(trunk: &config::Trunk, local: SocketAddr) -> control::Trunk {
    control::Trunk {
        advertised_media: trunk.advertised_media.or(trunk.advertised.map(|(ip, _)| ip)),
        ports: trunk.ports.clone(),
        format: trunk.format.clone(),
        options: trunk.options,
        causes: trunk.causes.clone(),
        callers: trunk.callers.clone(),
        ..control::Trunk::new(&trunk.name, trunk.media.unwrap_or(local.ip()), trunk.caps)
    }
}

fn identity(identity: &config::Identity) -> sip::Identity {
    sip::Identity {
        display_name: identity.display_name.clone(),
        from_user: identity.from_user.clone(),
        from_domain: identity.from_domain.clone(),
        asserted: match &identity.asserted {
            None => sip::Asserted::None,
            Some((config::Assertion::Asserted, who)) => sip::Asserted::Asserted(who.clone()),
            Some((config::Assertion::Preferred, who)) => sip::Asserted::Preferred(who.clone()),
        },
        privacy: match identity.privacy {
            config::Privacy::None => sip::Privacy::None,
            config::Privacy::Id => sip::Privacy::Id,
        },
        user_param: if identity.user_phone {
            sip::UserParam::Phone
        } else {
            sip::UserParam::None
        },
    }
}

/// The first Route: a loose router (RFC 3261 section 19.1.1).
fn route(proxy: &config::Address, transport: config::Transport) -> String {
    let transport = match transport {
        config::Transport::Udp => "",
        config::Transport::Tcp => ";transport=tcp",
    };
    format!("sip:{proxy}{transport};lr")
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;

    fn trunks(text: &str) -> (Vec<sip::Trunk>, Vec<control::Trunk>) {
        let (settings, _) = config::parse(text, Path::new(".")).unwrap();
        let locals = vec!["192.0.2.10:5070".parse().unwrap(); settings.trunks.len()];
        let settings = control_settings(&settings, &locals, None);
        (settings.sip.trunks, settings.trunks)
    }

    #[test]
    fn an_address_alone_makes_a_trunk() {
        let (sip, control) = trunks("[[trunk]]\naddress = \"203.0.113.5\"\n");
        let target = sip::Target::udp("203.0.113.5:5060".parse().unwrap());
        assert_eq!(sip[0].targets, [target]);
        assert_eq!(
            (sip[0].name.as_str(), sip[0].domain.as_str(), sip[0].user.as_str()),
            ("203.0.113.5", "203.0.113.5", "anonymous")
        );
        assert_eq!(sip[0].advertised, sip[0].local);
        assert_eq!(
            (control[0].media, control[0].advertised_media),
            (sip[0].local.ip(), None)
        );
        assert_eq!(
            (control[0].options, control[0].ports.clone()),
            (Some(Duration::from_secs(30)), None)
        );
    }

    #[test]
    fn every_setting_of_a_trunk_arrives_where_it_has_effect() {
        let (sip, control) = trunks(
            "[[trunk]]\nname = \"ims\"\naddress = \"ims.example.com\"\ntransport = \"tcp\"\n\
             outbound_proxy = \"203.0.113.9:5061\"\ndomain = \"ims.example.org\"\nuser = \"+8657187654321\"\n\
             auth_user = \"a@b\"\npassword = \"x\"\nrealm = \"ims.realm\"\nregister = true\nexpires = \"10m\"\n\
             display_name = \"随访\"\nfrom_user = \"0571\"\nfrom_domain = \"c.example\"\nasserted_identity = \"+86571\"\n\
             privacy = \"id\"\nuser_phone = true\nnumber_format = \"+86\"\nadvertised = \"198.51.100.7\"\n\
             advertised_media = \"198.51.100.8\"\nmedia = \"192.0.2.11\"\nrtp_ports = \"30000-30099\"\n\
             reliable = \"required\"\nsession_expires = \"30m\"\nredirect_hosts = [\"d.example\"]\noptions = \"30s\"\n",
        );
        let ([sip], [control]) = (sip.as_slice(), control.as_slice()) else {
            panic!("one trunk")
        };
        let target = sip::Target {
            transport: sip::Transport::Tcp,
            address: "203.0.113.9:5061".parse().unwrap(),
        };
        assert_eq!(sip.targets, [target]);
        assert_eq!(
            sip.outbound_proxy.as_deref(),
            Some("sip:203.0.113.9:5061;transport=tcp;lr")
        );
        assert_eq!(sip.advertised, "198.51.100.7:5070".parse().unwrap());
        assert_eq!(
            (sip.domain.as_str(), sip.user.as_str()),
            ("ims.example.org", "+8657187654321")
        );
        assert_eq!(
            (sip.auth_user.as_deref(), sip.realm.as_deref()),
            (Some("a@b"), Some("ims.realm"))
        );
        assert!(sip.password.is_some());
        assert_eq!(sip.register, Some(Duration::from_secs(600)));
        let identity = sip::Identity {
            display_name: Some("随访".to_owned()),
            from_user: Some("0571".to_owned()),
            from_domain: Some("c.example".to_owned()),
            asserted: sip::Asserted::Asserted("+86571".to_owned()),
            privacy: sip::Privacy::Id,
            user_param: sip::UserParam::Phone,
        };
        assert_eq!(sip.identity, identity);
        assert_eq!(sip.reliable, sip::Reliable::Required);
        assert_eq!(sip.session_expires, Some(Duration::from_secs(1800)));
        assert_eq!(sip.redirect_hosts, ["d.example"]);
        assert_eq!(control.media, "192.0.2.11".parse::<std::net::IpAddr>().unwrap());
        assert_eq!(control.advertised_media, Some("198.51.100.8".parse().unwrap()));
        assert_eq!(control.ports, Some(30_000..=30_099));
        assert_eq!(control.options, Some(Duration::from_secs(30)));
        let number = crate::phone::Number::parse("13800000001").unwrap();
        assert_eq!(control.format.apply(&number).reveal(), "+8613800000001");
    }

    #[test]
    fn a_trunk_with_a_name_has_no_target_until_it_is_looked_up() {
        let (sip, _) = trunks("[[trunk]]\naddress = \"sip.example.com\"\n");
        assert_eq!(sip[0].targets, []);
        assert_eq!(sip[0].domain, "sip.example.com");
    }
}
