//! The table of `classify`: every rule by name, in order; the first that holds decides.
//!
//! Order of belief: what the patient said on an answered call; what we did ourselves; what is broken between us and
//! the trunk; what this trunk means by its own codes; the Q.850 value of a Reason header (RFC 3326, RFC 6432); the SIP
//! status. A 480 without a cause says almost nothing, so ringing decides there.

use super::Disposition::{self, *};
use super::LocalFault as Local;
use super::OurReason as Our;
use super::classify::Seen;
use crate::dialplan::End;

/// One row.
pub struct Rule {
    /// Its name: stored with the attempt, listed in docs/outcomes.md. Never given to another meaning.
    pub id: &'static str,
    /// What it decides.
    pub decides: Decides,
    /// What it saw, half a sentence in English.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
    pub(super) when: fn(&Seen<'_>) -> bool,
}

/// Where a rule's disposition comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decides {
    /// From the rule itself.
    Always(Disposition),
    /// From the cause table of the trunk.
    TheTrunk,
    /// From the answers that were kept before a crash.
    WhatWasKept,
    /// From the agent who talked with the patient.
    TheAgent,
}

/// What is left when no row holds.
pub const NOTHING_KNOWN: Rule = Rule {
    id: "nothing-known",
    decides: Decides::Always(Unknown),
    en: "nothing is known about how the call ended",
    zh: "没有任何关于通话结束方式的记录",
    when: |_| true,
};

macro_rules! rules {
    ($($id:literal $decides:ident: $en:literal, $zh:literal, $when:expr;)+) => {
        /// All rules, in the order in which they are asked.
        pub const RULES: &[Rule] = &[$(Rule { id: $id, decides: rules!(@ $decides), en: $en, zh: $zh, when: $when },)+];
    };
    (@ TheTrunk) => { Decides::TheTrunk };
    (@ WhatWasKept) => { Decides::WhatWasKept };
    (@ TheAgent) => { Decides::TheAgent };
    (@ $disposition:ident) => { Decides::Always($disposition) };
}

rules! {
    // A person of ours talked with the patient and wrote down what came of it.
    "answered-agent-said" TheAgent: "the agent who talked with the patient wrote this outcome down", "与患者通话的坐席登记了此结果", |s| s.by_agent();

    // A crash of ours left it open: what was kept before it stands.
    "left-open-by-crash" WhatWasKept: "a crash of ours left it open; the answers kept before it decide", "本方崩溃时通话未结束，按崩溃前已保存的答案判定", |s| s.left_open();

    // Answered: what the patient said stands, whatever ended the call.
    "answered-all-required-then-opted-out" Completed: "every required question was answered before the stop-calling-me key", "必答题全部作答后要求不再来电", |s| s.all_required() && s.ended(End::OptedOut);
    "answered-all-required" Completed: "every required question was answered and the goodbye was reached", "必答题全部作答，到达结束语", |s| s.all_required() && s.ended(End::Completed);
    "answered-opted-out" OptOut: "the stop-calling-me key was pressed", "按键要求不再来电", |s| s.ended(End::OptedOut);
    "answered-wrong-number" WrongNumber: "the person who answered said that the number is not the patient's", "接听者表示号码不是患者本人的", |s| s.ended(End::WrongNumber);
    "answered-third-party" ThirdParty: "somebody else answered and the patient is not there", "他人接听，患者不在", |s| s.ended(End::ThirdParty);
    "answered-appointment" Appointment: "asked to be called at another time", "接听者约定另一时间再打", |s| s.ended(End::Appointment);
    "answered-all-required-then-ended" Completed: "every required question was answered; the call ended before the goodbye", "必答题全部作答，结束语之前通话结束", |s| s.all_required();
    "answered-refused" Refused: "the survey was refused by key", "按键拒绝调查", |s| s.refused_survey();

    // Answered, and ended by something of ours.
    "answered-cancelled-by-person" Cancelled: "a person of ours ended the call", "本方人员结束通话", |s| s.answered() && s.we(Our::Cancelled);
    "answered-no-common-codec" OwnLineFault: "the answer had no codec that we speak", "对方应答中没有可用的编码", |s| s.answered() && s.we(Our::NoCommonCodec);
    "answered-while-we-gave-up" NoAnswer: "it was answered in the moment in which our CANCEL left", "响铃到时取消的同时对方接听", |s| s.answered() && s.we(Our::RingLimit);
    "answered-store-failed" Interrupted: "an answer could not be stored", "答案无法保存", |s| s.answered() && s.we(Our::StoreFailed);
    "answered-own-fault" Interrupted: "recording, port or prompt failed on our side", "录音、端口或提示音在本方出错", |s| s.answered() && s.we(Our::OwnFault);
    "answered-daemon-stopped" Interrupted: "the daemon was stopped during the call", "通话中服务停止", |s| s.answered() && s.we(Our::Stopped);
    "answered-media-lost-after-answers" Partial: "the sound stopped coming after the first answer", "作答后收不到对方声音", |s| s.some_answer() && s.we(Our::MediaLost);
    "answered-media-lost" Interrupted: "no sound came for 20 s and no question was answered", "20 秒收不到对方声音，无任何答案", |s| s.answered() && s.we(Our::MediaLost);
    "answered-step-bound-after-answers" Partial: "the dialplan ran into its step bound after the first answer", "问卷步数超限，已有答案", |s| s.some_answer() && s.ended(End::TooManySteps);
    "answered-step-bound" Interrupted: "the dialplan ran into its step bound", "问卷步数超限", |s| s.ended(End::TooManySteps);
    "answered-line-dropped-after-answers" Partial: "the call was lost after the first answer", "作答后通话中断", |s| s.some_answer() && s.ended_by_nobody();
    "answered-line-dropped" Interrupted: "the call was lost before the first answer", "作答前通话中断", |s| s.ended_by_nobody();

    // An agent talked, and has not written the outcome down yet.
    "answered-agent-lost" Interrupted: "the agent's phone was lost and no other agent was there", "坐席话机中断，无其他坐席可接续", |s| s.by_agent() && s.we(Our::AgentLost);
    "answered-agent-to-say" Unknown: "an agent talked with the patient and has not written the outcome down", "坐席已与患者通话，尚未登记结果", |s| s.by_agent();

    // Answered, and ended by the patient or by silence.
    "answered-hung-up-after-answers" Partial: "hung up after the first answer, before the last required question", "作答后未完成必答题即挂断", |s| s.some_answer() && s.hung_up();
    "answered-we-ended-after-answers" Partial: "silence, skipped questions or the call limit ended it after the first answer", "作答后因无按键、跳过题目或超时而结束", |s| s.some_answer();
    "answered-network-dropped" NetworkBusy: "the network released the call before the first answer", "作答前网络释放通话", |s| s.dropped_by_network();
    "answered-key-then-hung-up" BreakOff: "a key was pressed, then hung up before the first answer", "按过键，首题作答前挂断", |s| s.some_key() && s.hung_up();
    "answered-key-no-answer-we-ended" BreakOff: "a key was pressed but no question was answered until we ended the call", "按过键，但直到本方结束也没有有效答案", |s| s.some_key() && s.we_ended();
    "answered-hung-up-before-any-key" EarlyHangup: "hung up before any key", "未按任何键即挂断", |s| s.hung_up();
    "answered-no-key-we-ended" Silent: "no key was pressed until we ended the call", "直到本方结束都没有按键", |s| s.we_ended();
    "answered-ending-not-recorded" Unknown: "it was answered, but how it ended was not recorded", "已接通，但结束方式没有记录", |s| s.answered();

    // Not answered: what we did, where the far end gave no other reason.
    "own-cancel-by-person" Cancelled: "a person of ours cancelled the call", "本方人员取消呼叫", |s| s.only_our_word() && s.we(Our::Cancelled);
    "own-cancel-daemon-stopped" Interrupted: "the daemon was stopped while it rang", "呼叫中服务停止", |s| s.only_our_word() && s.we(Our::Stopped);
    "own-cancel-store-failed" Interrupted: "the database failed while it rang", "呼叫中数据库出错", |s| s.only_our_word() && s.we(Our::StoreFailed);
    "own-cancel-own-fault" Interrupted: "something failed on our side while it rang", "呼叫中本方出错", |s| s.only_our_word() && s.we(Our::OwnFault);
    "own-cancel-no-common-codec" OwnLineFault: "early media had no codec that we speak", "早期媒体没有可用的编码", |s| s.only_our_word() && s.we(Our::NoCommonCodec);
    "own-cancel-without-ringing" Unreachable: "the time to ring was over and the network never said that it rings", "等待到时，网络一直没有振铃", |s| s.given_up() && s.we(Our::RingLimit) && !s.alerted();
    "own-cancel-after-ring-limit" NoAnswer: "it rang as long as the campaign allows", "响铃到时无人接听", |s| s.given_up() && s.we(Our::RingLimit);

    // Not answered: whoever called us was gone before.
    "caller-gave-up" EarlyHangup: "the patient called us and hung up before we answered", "患者来电，接听前已挂断", |s| s.caller_gave_up();

    // Between us and the trunk.
    "local-credentials-refused" OwnLineFault: "the trunk refused our name or password", "中继拒绝本方账号或密码", |s| s.local(Local::CredentialsRefused);
    "local-unreachable" OwnLineFault: "the trunk could not be reached", "中继无法到达", |s| s.local(Local::Unreachable);
    "local-unusable-response" OwnLineFault: "the trunk's response could not be used", "中继的应答无法使用", |s| s.local(Local::Unusable);
    "local-timer-b" NetworkBusy: "the trunk did not respond in time", "中继在规定时间内没有响应", |s| s.local(Local::TimedOut);

    // What this trunk means by its codes.
    "trunk-table" TheTrunk: "the cause table of the trunk knows this code", "中继的原因码表对此码有定义", |s| s.refused_by_far_end() || s.no_final();

    // Q.850, the cause of the network that knows.
    "q850-1-unallocated" Vacant: "the number is not in use (cause 1)", "空号（原因值 1）", |s| s.q850(&[1]);
    "q850-4-special-tone" Vacant: "out of reach for good (cause 4)", "长期不可达（原因值 4）", |s| s.q850(&[4]);
    "q850-22-number-changed" NumberChanged: "the number has changed (cause 22, 23)", "号码已更改（原因值 22、23）", |s| s.q850(&[22, 23]);
    "q850-28-no-such-form" Misdialled: "the network does not take the number in this form (cause 2, 3, 5, 28)", "号码格式或路由不正确（原因值 2、3、5、28）", |s| s.q850(&[2, 3, 5, 28]);
    "q850-17-after-long-ringing" NoAnswer: "busy after it rang 30 s or more: the network gave up (cause 17)", "响铃 30 秒以上后返回忙，为无人接听（原因值 17）", |s| s.q850(&[17]) && s.rang_out();
    "q850-17-after-ringing" Rejected: "busy after it rang: the called party declined (cause 17)", "响铃后返回忙，为拒接（原因值 17）", |s| s.q850(&[17]) && s.rang();
    "q850-17-busy" Busy: "busy before it rang (cause 17)", "未响铃即忙（原因值 17）", |s| s.q850(&[17]);
    "q850-18-after-ringing" NoAnswer: "it rang and nobody responded (cause 18, 102)", "响铃后无响应（原因值 18、102）", |s| s.q850(&[18, 102]) && s.rang();
    "q850-18-no-response" Unreachable: "the phone did not respond to the network (cause 18)", "手机没有响应网络（原因值 18）", |s| s.q850(&[18]);
    "q850-19-no-answer" NoAnswer: "it was alerted and not answered (cause 19)", "已振铃无人接听（原因值 19）", |s| s.q850(&[19]);
    "q850-20-subscriber-absent" PowerOff: "the phone is switched off or not registered (cause 20)", "手机关机或未注册（原因值 20）", |s| s.q850(&[20]);
    "q850-21-spam-filter" Blocked: "declined by a filter of the network (cause 21 with 607 or 608)", "被网络拦截（原因值 21，状态 607、608）", |s| s.q850(&[21]) && s.status(&[607, 608]);
    "q850-21-before-ringing" Blocked: "refused by the network before it rang (cause 21 with 403)", "未响铃即被网络拒绝（原因值 21，状态 403）", |s| s.q850(&[21]) && s.status(&[403]) && !s.rang();
    "q850-21-rejected" Rejected: "the called party declined (cause 21)", "被叫拒接（原因值 21）", |s| s.q850(&[21]);
    "q850-24-barred-in" BarredIn: "the called number takes no calls (cause 24, 54, 55, 87)", "被叫呼入限制（原因值 24、54、55、87）", |s| s.q850(&[24, 54, 55, 87]);
    "q850-27-out-of-order" Unreachable: "the called line is out of order (cause 26, 27)", "被叫线路不通（原因值 26、27）", |s| s.q850(&[26, 27]);
    "q850-31-after-forwarding" ForwardedFail: "the call was forwarded and not put through (cause 31 after 181)", "呼叫转移后未接通（181 之后原因值 31）", |s| s.q850(&[31]) && s.forwarded();
    "q850-50-not-subscribed" Suspended: "the called number has no service (cause 50)", "被叫未开通服务，停机（原因值 50）", |s| s.q850(&[50]);
    "q850-57-caller-not-authorised" CallerIdBad: "the network does not accept our caller number (cause 57)", "主叫号码不被接受（原因值 57）", |s| s.q850(&[57]);
    "q850-34-congestion" NetworkBusy: "the network is congested or in trouble (cause 6-9, 25, 30, 34, 38-47, 49, 58, 63, 102)", "网络忙或故障（原因值 6-9、25、30、34、38-47、49、58、63、102）", |s| s.q850(&[6, 7, 8, 9, 25, 30, 34, 38, 39, 40, 41, 42, 43, 44, 46, 47, 49, 58, 63, 102]);
    "q850-52-own-line" OwnLineFault: "our line may not place this call, or not in this way (cause 29, 52, 53, 62, 65-70, 79, 81-91, 95-101, 103, 110, 111)", "本方线路无权或不能这样呼叫（原因值 29、52、53、62、65-70、79、81-91、95-101、103、110、111）", |s| s.q850(&[29, 52, 53, 62, 65, 66, 69, 70, 79, 81, 82, 83, 84, 85, 86, 88, 90, 91, 95, 96, 97, 98, 99, 100, 101, 103, 110, 111]);

    // SIP status, where no cause or an empty one (0, 16, 31, 127) came with it.
    "sip-301-moved" NumberChanged: "moved for good (301, 410)", "号码已更改（301、410）", |s| s.status(&[301, 410]);
    "sip-3xx-redirected" ForwardedFail: "sent elsewhere, and we do not follow (3xx)", "被转向他处，本方不跟随（3xx）", |s| s.status_within(300..=399);
    "sip-404-not-found" Vacant: "no such number (404, 485, 604)", "无此号码（404、485、604）", |s| s.status(&[404, 485, 604]);
    "sip-484-incomplete" Misdialled: "the number is incomplete for this trunk (416, 484)", "号码对此中继不完整（416、484）", |s| s.status(&[416, 484]);
    "sip-486-after-long-ringing" NoAnswer: "busy after it rang 30 s or more: the network gave up (486, 600)", "响铃 30 秒以上后返回忙，为无人接听（486、600）", |s| s.status(&[486, 600]) && s.rang_out();
    "sip-486-after-ringing" Rejected: "busy after it rang: the called party declined (486, 600)", "响铃后返回忙，为拒接（486、600）", |s| s.status(&[486, 600]) && s.rang();
    "sip-486-busy" Busy: "busy before it rang (486, 600)", "未响铃即忙（486、600）", |s| s.status(&[486, 600]);
    "sip-607-filtered" Blocked: "unwanted, or rejected by a filter (607, 608)", "被标记或拦截（607、608）", |s| s.status(&[607, 608]);
    "sip-603-declined" Rejected: "declined (603)", "拒接（603）", |s| s.status(&[603]);
    "sip-403-after-ringing" Rejected: "forbidden after it rang: the called party declined (403)", "响铃后被拒，为拒接（403）", |s| s.status(&[403]) && s.rang();
    "sip-403-forbidden" OwnLineFault: "our line may not place this call (401, 402, 403, 407)", "本方线路无权呼叫（401、402、403、407）", |s| s.status(&[401, 402, 403, 407]);
    "sip-433-caller-number" CallerIdBad: "our caller number is not accepted (428, 433, 436, 437, 438)", "主叫号码不被接受（428、433、436、437、438）", |s| s.status(&[428, 433, 436, 437, 438]);
    "sip-480-after-ringing" NoAnswer: "it rang and was not answered (408, 480, 487)", "响铃后无人接听（408、480、487）", |s| s.status(&[408, 480, 487]) && s.rang();
    "sip-480-after-forwarding" ForwardedFail: "the call was forwarded and not put through (408, 480, 487 after 181)", "呼叫转移后未接通（181 之后 408、480、487）", |s| s.status(&[408, 480, 487]) && s.forwarded();
    "sip-480-unavailable" Unreachable: "unavailable, and it never rang (408, 480, 487)", "未响铃，无法接通（408、480、487）", |s| s.status(&[408, 480, 487]);
    "sip-503-congestion" NetworkBusy: "the trunk or the network is overloaded or in trouble (482, 483, 491, 5xx)", "中继或网络过载、故障（482、483、491、5xx）", |s| s.status(&[482, 483, 491, 500, 502, 503, 504, 580]);
    "sip-488-own-line" OwnLineFault: "the trunk does not take our request as it is (400, 405-407, 412-423, 481, 488-494, 501, 505, 513, 606)", "中继不接受本方请求（400、405-407、412-423、481、488-494、501、505、513、606）", |s| s.status(&[400, 405, 406, 411, 412, 413, 414, 415, 417, 420, 421, 422, 423, 429, 439, 440, 469, 481, 488, 489, 493, 494, 501, 505, 513, 555, 606]);
    "sip-5xx-server-failure" NetworkBusy: "the trunk failed (another 5xx)", "中继出错（其他 5xx）", |s| s.status_within(500..=599);
    "sip-other-status" Unknown: "a final status without an agreed meaning", "没有约定含义的最终状态", |s| s.refused_by_far_end();
}
