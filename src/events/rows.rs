//! The table of events. A row: name, level, fields, what it says, the same in Chinese, what to do about it.

use super::events;

events! {
    // Calls.
    answered INFO (leg, attempt) "answered" "已接听" "";
    attempt_ended INFO (leg, attempt, disposition, rule) "attempt ended" "一次呼叫尝试结束" "the rule is explained in [outcomes.md](outcomes.md)";
    rerouted INFO (attempt, from, to, status) "another trunk is tried" "改走备用中继" "the first one failed before anything rang";
    ports_exhausted ERROR (leg, attempt) "no RTP port could be had; widen rtp_ports in [media], or free it" "没有可用的 RTP 端口" "widen `rtp_ports`, or end the program that holds them";
    hand_call_failed ERROR (token, why) "a call by hand could not begin" "手动外呼未能开始" "the field why says it; see [What the program says](#what-the-program-says-and-what-to-do)";
    hand_call_orphaned ERROR (token) "a call whose asker went away could not be ended" "发起人已离开,但通话未能挂断" "the daemon is overloaded; the call ends by its own limits";
    agent_turned INFO (agent, presence) "an agent does something else now" "坐席状态改变" "";
    preview_over INFO (agent, conversation) "an agent looked at a case until the time was over; it is given back" "预览超时,个案已退回" "";
    person_wanted INFO (leg, attempt) "a patient waits for an agent" "患者等候人工坐席" "";
    person_there INFO (leg, attempt, agent) "an agent has taken a waiting patient over" "坐席已接听等候的患者" "";
    conversation_moved DEBUG (conversation, agent, state) "a conversation is somewhere else now" "通话进入下一状态" "";
    hand_call_refused INFO (conversation, agent, why) "an agent's call was refused by the rules" "坐席呼叫被规则拒绝" "";
    left_over_taken_down INFO (attempt) "a call that a crash left over is over" "崩溃遗留的通话已结束" "";
    left_over_not_taken_down WARN (attempt) "a call that a crash left over may still be up: the trunk does not say that it is over; its number stays locked" "崩溃遗留的通话可能仍在进行,号码保持锁定" "ask the trunk or the carrier whether it still holds a call of ours";
    invited DEBUG (leg, attempt) "INVITE sent" "已发出 INVITE" "";
    progressed DEBUG (leg, attempt, status, early_media) "progress" "收到振铃或早期媒体" "";
    prompt_begun DEBUG (leg, attempt, prompt) "playing" "开始播放提示音" "";
    key_heard DEBUG (leg, attempt) "key heard" "收到按键(键值不入日志)" "";
    answer_kept DEBUG (leg, attempt, question) "answer kept" "答案已写入" "";
    barged_in DEBUG (leg, attempt) "barged in" "按键打断了提示音" "";
    held DEBUG (leg, attempt) "on hold" "对端保持通话" "";
    resumed DEBUG (leg, attempt) "off hold" "对端恢复通话" "";

    call_broken ERROR (leg, attempt) "a call broke down; the others go on" "一路通话程序出错,其余不受影响" "report it with the event `panicked` before it; the attempt ends as `interrupted`";
    media_broken ERROR (leg) "the media of a call broke down; the others go on" "一路通话的媒体处理出错,其余不受影响" "report it with the event `panicked` before it";
    questionnaire_begun_anew WARN (case, attempt, why) "an unfinished questionnaire begins anew" "未完成的问卷从头开始" "the version that it began with cannot be used: a prompt is missing";
    clock_set WARN (seconds, direction) "the civil clock was set" "系统时钟被调整" "find out who set it; calls go by the new time";

    // Calls to us.
    caller_turned_away INFO (trunk, caller, status) "a call to us was turned away" "来电已被婉拒" "somebody calls back";
    call_back_noted INFO (trunk, caller, patient, case) "the call to us is noted" "来电已登记" "who that was, by the number; `aftercall status` shows it";
    call_backs_flooded WARN (trunk) "more calls to us than are noted; for the rest of a minute they are only counted" "来电过多,本分钟内其余只计数" "over 30 in a minute: somebody dials us by machine, or a number of ours was published";

    // Campaigns.
    campaign_stopped INFO (campaign) "nothing more of the campaign is dialed or claimed" "任务已停止,不再拨打" "also told for each campaign when the daemon stops";
    campaign_idle DEBUG (campaign) "nothing is due" "没有到期的个案" "";
    stop_not_told ERROR () "the control thread cannot be told to stop" "未能通知控制线程停止" "it has ended by itself: its events say why";
    manager_untold WARN (error) "the service manager could not be told" "未能通知服务管理器" "see NOTIFY_SOCKET of the unit";
    control_stood_still ERROR () "the control thread does not come round" "控制线程没有运转" "the service manager restarts the daemon if that lasts";
    drained INFO () "no call is left" "全部通话已结束" "the end of a stop";
    dialer_faulted WARN (fault) "the dialer saw what should not be" "拨号器遇到异常情况" "report it";

    // Trunks.
    registered INFO (trunk) "registered" "中继注册成功" "";
    registration_refused WARN (trunk, status, phrase, without_answer) "registration refused" "中继注册被拒" "wrong `user` or `password` (403, 401), wrong `domain` (404); without a status the trunk did not answer. It is tried again by itself";
    trunk_rested WARN (trunk, seconds) "the trunk rests: nothing leaves over it" "中继暂停使用" "congested, faulty, or it sent Retry-After: see [Trunks](#trunks)";
    caller_rested WARN (trunk, caller, seconds) "the caller number was blocked several times in a row: no call shows it for a while" "主叫号码连续被拦截,暂停使用" "ask the carrier whether the number is marked as a nuisance; give the trunk more `callers`";
    trunk_marked_down ERROR (trunk, reason) "the trunk is down: no call leaves over it" "中继不可用,不再由此外呼" "see [Trunks](#trunks)";
    trunk_marked_up INFO (trunk, after_s) "the trunk is up again" "中继已恢复" "";
    realm_refused ERROR (trunk, pinned, offered) "a challenge of another realm got no credentials; if the trunk changed it, set `realm`" "中继的认证域变了,未发送密码" "if the carrier changed its realm, set `realm`; if not, somebody asks for your password";
    address_seen WARN (trunk, address) "the trunk sees us come from another address than `advertised` shows" "中继看到的我方地址与配置不符" "a NAT is between: set `advertised` to it";
    trunk_not_told ERROR (trunk) "the trunk could not be told to register" "未能发起注册" "the daemon was overloaded at its start: restart it";
    name_looked_up INFO (trunk, host, targets) "the trunk's name was looked up" "已解析中继域名" "its addresses are others than before";
    name_resolved_again INFO (trunk, host) "the name resolves again" "域名恢复解析" "";
    name_unresolved ERROR (trunk, error, targets) "the trunk's name does not resolve" "中继域名无法解析" "told once until it resolves again. Wrong `address`, or the name server: `nameserver` in `[sip]`";
    options_answered DEBUG (trunk, status) "OPTIONS answered" "中继应答 OPTIONS" "";

    // Phones.
    phone_registered INFO (phone, source, transport, product) "a phone has registered" "话机已注册" "";
    phone_gone INFO (phone, why) "no call would reach the phone any more" "话机已离线" "unregistered: it said so; expired or silent: power, cable or network; withdrawn: its account or password was changed";
    passwords_guessed WARN (source, phone, banned_s) "somebody tried passwords of phones and is not answered for a while" "有人在猜话机密码,已暂时封禁" "a phone with a wrong password, or an attack: look who has that address; see [Phones](#phones)";
    phone_of_other_realm WARN (phone, realm) "a phone's password is kept for another realm: it cannot register" "话机密码属于另一个认证域,无法注册" "`realm` in `[phones]` was changed: `aftercall phone password PHONE`, or set the former realm";

    // The console.
    deed_not_noted ERROR (deed, error) "something that was done could not be written into the audit log" "操作未能写入审计日志" "the database was away: the field error says why; note by hand who did it";
    certificate_reloaded INFO (fingerprint) "the console has a new certificate" "管理界面已换用新证书" "";
    certificate_refused ERROR (error) "the console's certificate files changed and cannot be used; the old certificate stays" "证书文件已更改但无法使用,继续使用旧证书" "the field error says which file and why";

    // The network.
    datagram_bounced WARN (peer) "the network says that a datagram did not arrive" "网络报告数据包未送达" "ICMP: nothing listens there, or no way leads there";
    datagram_unsent WARN (peer, error) "a datagram could not be sent" "数据包发送失败" "no route, or a firewall on this host";
    connection_unopened WARN (peer, error) "no connection could be opened" "TCP 连接失败" "the trunk refuses, or is gone";
    connection_failed WARN (peer, error) "a connection failed" "TCP 连接中断" "the trunk is gone, or sent what is no SIP";
    connection_refused WARN (error) "a connection could not be taken" "无法接受新连接" "too many open files, mostly: raise `LimitNOFILE`";
    connection_closed DEBUG (peer) "a connection was closed" "TCP 连接关闭" "";
    stranger_closed DEBUG (peer) "a connection from elsewhere was closed" "拒绝了陌生地址的连接" "";
    connection_untuned DEBUG (peer, error) "an option of a connection could not be set" "连接选项设置失败" "";
    icmp_unheard DEBUG (local, error) "the system keeps no ICMP errors for this socket" "系统不提供 ICMP 错误" "";
    sip_input_dropped DEBUG (fault) "SIP input dropped" "丢弃无法处理的 SIP 报文" "anybody can send these; `aftercall status` counts them by kind";

    // Media and recordings.
    recording_failed WARN (leg, error) "recording failed" "录音失败" "the disk, or the rights of `recordings/`; the call goes on";
    recordings_unsynced WARN (error) "recordings could not be made durable while calls go on" "录音未能及时落盘" "the disk reports errors: check it";
    recording_repaired INFO (attempt, ms) "a recording that was cut off is repaired" "已修复中断的录音" "";
    recording_emptied INFO (attempt) "a recording without any sound is removed" "已删除空录音" "";
    recording_put_aside WARN (file, to) "a recording of no attempt is put aside" "无主录音已移至一旁" "look whose it is, or delete it";
    recording_missed WARN (attempt, file) "a recording is missing" "录音文件缺失" "restore it from a backup";
    recording_altered ERROR (attempt, file) "a recording is not what was recorded" "录音文件已被改动" "somebody or the disk has changed it: keep it, restore it from a backup, find out who; `aftercall integrity` lists them";
    integrity_failed WARN (error) "recordings could not be compared with their hashes" "录音校验未能进行" "tried again in a minute";
    counting_failed WARN (error) "cases could not be counted ahead for reports" "报表预统计未能进行" "tried again soon; reports count them themselves meanwhile";
    recording_unread WARN (file, error) "a recording could not be looked at" "录音文件无法读取" "the rights of `recordings/`, or the disk";
    recording_unremoved WARN (file, error) "a recording could not be removed" "录音文件无法删除" "the rights of `recordings/`; `purge` tries again";
    media_command_refused ERROR (leg, error) "a media command was not taken" "媒体线程未接受指令" "overload: fewer lines";
    leg_opened_twice WARN (leg) "a leg that is open was opened again" "媒体通道重复打开" "report it";
    leg_unknown DEBUG (leg) "a command for a leg that is not open" "媒体通道不存在" "";
    port_unopened DEBUG (leg, port, error) "an RTP port cannot be opened" "RTP 端口打不开" "";
    rtcp_unopened DEBUG (leg, port, error) "a leg works without RTCP" "RTCP 端口打不开" "";
    packets_unmarked DEBUG (error) "voice packets cannot be marked" "语音包无法打 QoS 标记" "";

    // Store.
    store_refused ERROR (why) "the store refused a request" "写库失败" "disk full, foreign lock: see below. Ends of calls are written again every second";

    database_left ERROR (why) "the database is away: what calls say goes to the journal, and no new call begins" "数据库不可用,通话内容写入日志文件,不再发起新呼叫" "full disk, foreign lock, a file that was moved: the field why says it; it comes back by itself";
    database_returned INFO () "the database is there again, and has all that the journal held" "数据库恢复,日志内容已写回" "";
    journal_replayed INFO (entries) "the journal was carried into the database" "上次遗留的日志内容已写回数据库" "";
    journal_torn WARN () "the last entry of the journal did not reach the disk whole; nobody was answered for it" "日志最后一条不完整,未确认给任何通话" "nothing: a power cut leaves that";
    journal_unwiped WARN (error) "what the database has of the journal could not be overwritten there" "日志文件中已写回的内容未能清除" "check the disk; it is tried again every minute, and `erase` says so meanwhile";
    home_unwritten WARN (error) "the file that knows how far the database is was not written" "记录数据库进度的文件写入失败" "the disk, or the rights of the data folder";
    calls_held ERROR (why) "no new call begins" "暂停发起新呼叫" "the field why says what to do";
    calls_released INFO (cause) "new calls may begin again, as far as this cause goes" "该原因已解除,可发起新呼叫" "";
    thawed WARN () "the database is at home here from now on, and may call" "数据库已解冻,可以外呼" "somebody ran `aftercall thaw`: was it you?";
    freeze_not_told ERROR () "the control thread could not be told that the database is frozen; its claims are refused" "未能通知控制线程数据库已冻结,取件将被拒绝" "restart the daemon";
    rules_applied INFO (decided, cases) "the follow-up rules were applied" "回访规则已执行" "";
    rules_drawn INFO (rule_set, rule, period, base, taken) "a sample was drawn" "已抽样" "`rule draw` shows it again by stratum";
    rules_failed WARN (error) "the follow-up rules could not be applied" "回访规则执行失败" "it is tried again every minute; the field error says why";
    disk_unread ERROR (error) "the room on the disk cannot be read" "无法读取磁盘剩余空间" "the disk, or the rights of the data folder";

    // Alarms.
    alarm_raised WARN (alarm, severity, subject, detail) "an alarm is raised" "告警" "see [Alarms](#alarms)";
    alarm_cleared INFO (alarm, severity, subject, lasted_s) "an alarm is cleared" "告警解除" "";
    alarm_unkept WARN (alarm) "an alarm could not be handed on: too many wait" "告警过多,未能送出" "the database or the receiver of the webhook has been away for long";
    webhook_failed WARN (alarm, tries, error) "the webhook did not take an alarm; it is tried again" "告警推送失败,将重试" "check `webhook` in `[alarm]` and its receiver";
    webhook_given_up ERROR (alarm, tries, error) "the webhook did not take an alarm; it is not sent any more" "告警推送失败,已放弃" "check `webhook` in `[alarm]` and its receiver; `aftercall status` shows what stands";
    webhook_unusable ERROR (error) "no alarm can be sent to the webhook" "告警推送不可用" "the system's list of certificate authorities cannot be read: install ca-certificates";

    // The process.
    files_limited WARN (allowed, needed) "this process may hold too few open files for all lines: raise LimitNOFILE, or have fewer lines" "可打开文件数不足" "raise `LimitNOFILE`";
    limit_unraised WARN (now, wanted) "the limit of open files could not be raised" "未能提高打开文件数上限" "raise `LimitNOFILE`";
    panicked ERROR (thread, place, message) "a thread panicked" "程序内部错误" "report it with these fields; the message is left out where it may hold personal data";
    media_worker_died ERROR () "a media worker panicked" "媒体线程异常退出" "report it; restart the daemon";
    recorder_died ERROR () "the recorder thread panicked" "录音线程异常退出" "report it; restart the daemon";
    syncer_died ERROR () "the thread that makes recordings durable panicked" "录音落盘线程异常退出" "report it; restart the daemon";
    control_died ERROR () "the control thread broke down" "控制线程异常退出" "report it; the daemon ends and is to be restarted";
    control_cannot_wait ERROR (error) "the control thread cannot wait for its sockets" "控制线程无法等待网络" "report it; the daemon ends and is to be restarted";
}
