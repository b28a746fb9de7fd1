//! What a trunk's answer means for its settings: one verdict, and what is worth a look beside it.

use std::net::SocketAddr;

use serde::Serialize;

use crate::config::{Transport, Trunk};
use crate::engine::probe::{Outcome, Question, Report};

/// One sentence in two languages, and the settings that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Verdict {
    /// Whether calls may be expected to work.
    pub(super) ok: bool,
    /// The settings to look at, the likeliest first.
    pub(super) settings: Vec<&'static str>,
    pub(super) zh: String,
    pub(super) en: String,
}

fn good(zh: impl Into<String>, en: impl Into<String>) -> Verdict {
    Verdict {
        ok: true,
        settings: Vec::new(),
        zh: zh.into(),
        en: en.into(),
    }
}

fn bad(settings: &[&'static str], zh: impl Into<String>, en: impl Into<String>) -> Verdict {
    Verdict {
        ok: false,
        settings: settings.to_vec(),
        zh: zh.into(),
        en: en.into(),
    }
}

/// The verdict.
pub(super) fn of(trunk: &Trunk, report: &Report) -> Verdict {
    match &report.outcome {
        Outcome::Answered { status, phrase } => answered(trunk, report, *status, phrase),
        Outcome::Silence {
            elsewhere: Some(elsewhere),
        } => bad(
            &["address", "outbound_proxy"],
            format!("应答来自 {elsewhere}，不是所设的地址：把 address（或 outbound_proxy）改成它"),
            format!("the answer came from {elsewhere}, not from where we asked: set address (or outbound_proxy) to it"),
        ),
        Outcome::Silence { elsewhere: None } => bad(
            &["address", "transport", "local", "advertised"],
            format!(
                "没有任何应答：检查 address 和 transport、防火墙（SIP 端口）、运营商是否登记了本机地址 {}（local，NAT 后为 advertised）",
                report.advertised
            ),
            format!(
                "nothing came back: check address and transport, the firewalls (SIP port), and whether the carrier knows our \
                 address {} (local; behind a NAT advertised)",
                report.advertised
            ),
        ),
        Outcome::Refused => refused(trunk),
        Outcome::NoName(why) => bad(
            &["address", "nameserver"],
            format!("域名无法解析（{why}）：检查 address（或 outbound_proxy）和 [sip] nameserver"),
            format!("the name does not resolve ({why}): check address (or outbound_proxy), and nameserver in [sip]"),
        ),
    }
}

fn refused(trunk: &Trunk) -> Verdict {
    let other = match trunk.transport {
        Transport::Udp => "tcp",
        Transport::Tcp => "udp",
    };
    bad(
        &["address", "transport"],
        format!("对方主机拒绝（端口未开放或不可达）：检查 address 的端口，或改用 transport = \"{other}\""),
        format!(
            "the host refuses (closed port, or unreachable): check the port of address, or try transport = \"{other}\""
        ),
    )
}

fn answered(trunk: &Trunk, report: &Report, status: u16, phrase: &str) -> Verdict {
    let said = format!("{status} {phrase}");
    let said = said.trim();
    match (status, report.question) {
        (200..=299, Question::Options) => good("中继正常应答 OPTIONS", "the trunk answers OPTIONS"),
        (200..=299, Question::Register) => good(
            "注册成功（测试绑定已注销）",
            "registered, and the test's binding was removed again",
        ),
        (405 | 501, Question::Options) => good(
            format!("中继在线，只是不支持 OPTIONS（{said}）"),
            format!("the trunk is alive and does not serve OPTIONS ({said})"),
        ),
        (401 | 407, _) => challenged(trunk, report, said),
        (403, _) => bad(
            &["user", "from_user", "from_domain", "local"],
            format!(
                "被禁止（{said}）：检查 user、from_user、from_domain 是否为运营商分配的号码与域名，本机地址 {} 是否已登记（local、advertised）",
                report.advertised
            ),
            format!(
                "forbidden ({said}): check that user, from_user and from_domain are what the carrier gave you, and that it \
                 knows our address {} (local, advertised)",
                report.advertised
            ),
        ),
        (404 | 604, _) => bad(
            &["domain", "user"],
            format!("对方不认识这个地址（{said}）：检查 domain 和 user"),
            format!("the trunk does not know this address ({said}): check domain and user"),
        ),
        (484, _) => bad(
            &["number_format"],
            format!("号码不完整（{said}）：检查 number_format（前缀、+86、外地手机加 0）"),
            format!(
                "an incomplete number ({said}): check number_format (prefix, +86, 0 before mobiles from elsewhere)"
            ),
        ),
        (488 | 606, _) => bad(
            &["media", "advertised_media"],
            format!("媒体协商被拒（{said}）：中继须支持 G.711（PCMA/PCMU）；检查 media、advertised_media"),
            format!(
                "the media were refused ({said}): the trunk must take G.711 (PCMA, PCMU); check media, advertised_media"
            ),
        ),
        (408, _) => bad(
            &["address", "outbound_proxy", "domain"],
            format!("对方代理等不到应答（{said}）：检查 address、outbound_proxy、domain 是否指向正确的服务器"),
            format!(
                "a proxy waited in vain ({said}): check that address, outbound_proxy and domain lead to the right server"
            ),
        ),
        (300..=399, _) => bad(
            &["address"],
            format!("被转到别处（{said}）：把 address 改成应答中 Contact 的主机"),
            format!("sent elsewhere ({said}): set address to the host in the Contact of the answer"),
        ),
        (500.., _) => bad(
            &[],
            format!("中继在线但暂时不能服务（{said}）：与设置无关，请联系运营商"),
            format!("the trunk is alive and cannot serve now ({said}): no setting of ours; ask the carrier"),
        ),
        (_, _) => bad(
            &["domain", "user"],
            format!("意外的应答（{said}）：检查 domain、user，并把以上报文发给运营商"),
            format!("an unexpected answer ({said}): check domain and user, and show the messages above to the carrier"),
        ),
    }
}

fn challenged(trunk: &Trunk, report: &Report, said: &str) -> Verdict {
    if let Some((offered, wanted)) = &report.refused_realm {
        return bad(
            &["realm"],
            format!("对方的 realm 是 \"{offered}\"，设置的是 \"{wanted}\"（{said}）：确认后修改 realm"),
            format!(
                "the trunk's realm is \"{offered}\", the settings say \"{wanted}\" ({said}): change realm if that is right"
            ),
        );
    }
    match (&trunk.password, report.question) {
        (None, _) => bad(
            &["password", "user", "auth_user"],
            format!("中继要求认证（{said}）：设置 user、password（用户名不同时加 auth_user）"),
            format!("the trunk wants credentials ({said}): set user and password, and auth_user where it differs"),
        ),
        (Some(_), Question::Options) => good(
            format!("中继在线（{said}）；OPTIONS 不验证密码，可用 --register 或试拨一次来验证"),
            format!("the trunk is alive ({said}); OPTIONS does not try the password: use --register, or make a call"),
        ),
        (Some(_), Question::Register) => bad(
            &["password", "auth_user", "user", "realm"],
            format!("用户名或密码被拒（{said}）：检查 password、auth_user、user、realm"),
            format!("the credentials were refused ({said}): check password, auth_user, user and realm"),
        ),
    }
}

/// What is worth a look, in both languages.
pub(super) fn notes(report: &Report) -> Vec<(String, String)> {
    let mut notes = Vec::new();
    if let Some(taken) = report.taken {
        notes.push((
            format!("{taken} 已被占用（可能是正在运行的 aftercall），改用 {}", report.local),
            format!(
                "{taken} is in use, most likely by the running daemon: asked from {} instead",
                report.local
            ),
        ));
    }
    if let Some(seen) = report.seen.filter(|_| report.taken.is_none()) {
        let advertised = setting(seen, report.local);
        notes.push((
            format!("中继看到的本机地址是 {seen}（NAT）：设置 advertised = \"{advertised}\""),
            format!("the trunk sees us as {seen} (a NAT): set advertised = \"{advertised}\""),
        ));
    }
    notes
}

/// The port is only said where it is not our own.
fn setting(seen: SocketAddr, local: SocketAddr) -> String {
    if seen.port() == local.port() {
        seen.ip().to_string()
    } else {
        seen.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config;

    fn trunk(more: &str) -> Trunk {
        let text = format!("[[trunk]]\naddress = \"203.0.113.5\"\nuser = \"0571\"\n{more}\n");
        config::parse(&text, Path::new(".")).unwrap().0.trunks.remove(0)
    }

    fn report(question: Question, outcome: Outcome) -> Report {
        Report {
            question,
            targets: Vec::new(),
            local: "192.0.2.10:5060".parse().unwrap(),
            taken: None,
            entries: Vec::new(),
            outcome,
            seen: None,
            advertised: "192.0.2.10:5060".parse().unwrap(),
            refused_realm: None,
        }
    }

    fn verdict(more: &str, question: Question, status: u16) -> (bool, &'static str) {
        let phrase = String::new();
        let verdict = of(&trunk(more), &report(question, Outcome::Answered { status, phrase }));
        for setting in &verdict.settings {
            assert!(
                verdict.zh.contains(setting) && verdict.en.contains(setting),
                "{verdict:?}"
            );
        }
        (verdict.ok, verdict.settings.first().copied().unwrap_or("-"))
    }

    #[test]
    fn each_refusal_names_the_setting_to_change() {
        use Question::{Options, Register};
        let password = "password = \"x\"";
        assert_eq!(verdict("", Options, 200), (true, "-"));
        assert_eq!(verdict("", Options, 405), (true, "-"));
        assert_eq!(verdict("", Options, 401), (false, "password"));
        assert_eq!(verdict(password, Options, 407), (true, "-"));
        assert_eq!(verdict(password, Register, 401), (false, "password"));
        assert_eq!(verdict("", Options, 403), (false, "user"));
        assert_eq!(verdict("", Options, 404), (false, "domain"));
        assert_eq!(verdict("", Options, 484), (false, "number_format"));
        assert_eq!(verdict("", Options, 488), (false, "media"));
        assert_eq!(verdict("", Options, 302), (false, "address"));
        assert_eq!(verdict("", Options, 408), (false, "address"));
        assert_eq!(verdict("", Options, 503), (false, "-"));
        assert_eq!(verdict("", Options, 420), (false, "domain"));
    }

    #[test]
    fn silence_and_refusal_name_the_way() {
        let first = |outcome| of(&trunk(""), &report(Question::Options, outcome)).settings[0];
        assert_eq!(first(Outcome::Silence { elsewhere: None }), "address");
        assert_eq!(first(Outcome::Refused), "address");
        assert_eq!(first(Outcome::NoName("x".to_owned())), "address");
        let elsewhere = Some("203.0.113.6:5060".parse().unwrap());
        let verdict = of(&trunk(""), &report(Question::Options, Outcome::Silence { elsewhere }));
        assert!(verdict.en.contains("203.0.113.6:5060"), "{verdict:?}");
    }

    #[test]
    fn what_a_nat_shows_becomes_the_setting() {
        let mut report = report(Question::Options, Outcome::Refused);
        report.seen = Some("198.51.100.7:5060".parse().unwrap());
        assert!(notes(&report)[0].1.ends_with("set advertised = \"198.51.100.7\""));
        report.seen = Some("198.51.100.7:40000".parse().unwrap());
        assert!(
            notes(&report)[0]
                .0
                .ends_with("设置 advertised = \"198.51.100.7:40000\"")
        );
    }
}
