//! The page of a bundle: everything that people read, in one file that needs nothing from the net.

use super::bundle::{COMMANDS, RECORDING, ladder_text};
use super::{Bundle, Section};

const STYLE: &str = "body{font:14px/1.6 'IBM Plex Sans','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;\
    color:#13272b;background:#eef2f2;margin:0 auto;max-width:960px;padding:22px}\
    h1{font-size:22px;font-weight:600}h2{font-size:15px;margin:22px 0 6px}p.sentence{font-size:16px;margin:4px 0}\
    table{border-collapse:collapse;width:100%;background:#fff}th,td{border:1px solid #dee5e5;padding:4px 8px;text-align:left;\
    vertical-align:top;font-variant-numeric:tabular-nums}th{background:#f6f8f8;font-weight:500}\
    pre{background:#fff;border:1px solid #dee5e5;padding:10px;overflow:auto;font:12px/1.5 'IBM Plex Mono',monospace}\
    audio{width:100%}footer{color:#5a6d71;margin-top:22px}@media print{audio{display:none}body{background:#fff}}";

/// The page of a bundle.
pub(super) fn html(bundle: &Bundle, fingerprint: &str) -> String {
    let name = escaped(&bundle.name);
    let mut body = format!("<h1>通话证据 Evidence of a call · {name}</h1>\n");
    for sentence in &bundle.sentences {
        body.push_str(&format!("<p class=\"sentence\">{}</p>\n", escaped(sentence)));
    }
    if bundle.recording.is_some() {
        body.push_str(&format!(
            "<h2>录音 Recording（左声道患者 left: patient，右声道医院 right: hospital）</h2>\n\
             <audio controls preload=\"metadata\" src=\"{RECORDING}\"></audio>\n"
        ));
        if let Some(sum) = &bundle.recording_sha256 {
            body.push_str(&format!(
                "<p>通话结束时的 SHA-256 when the call ended: <code>{}</code></p>\n",
                escaped(sum)
            ));
        }
    }
    for section in &bundle.sections {
        body.push_str(&table(section));
    }
    if !bundle.ladder.is_empty() {
        body.push_str(&format!(
            "<h2>信令 Signalling</h2>\n<pre>{}</pre>\n",
            escaped(&ladder_text(&bundle.ladder))
        ));
    }
    body.push_str(&format!(
        "<h2>怎样核验 How to verify</h2>\n<p>在解开的文件夹中执行 Run in the unpacked folder:</p>\n<pre>{}</pre>\n\
         <p>公钥指纹 Fingerprint of the key: <code>{}</code></p>\n",
        escaped(&COMMANDS.join("\n")),
        escaped(fingerprint)
    ));
    format!(
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; media-src 'self' file:\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{name}</title><style>{STYLE}</style></head>\n\
         <body><main>\n{body}</main>\n<footer>Aftercall 随访外呼</footer></body></html>\n"
    )
}

fn table(section: &Section) -> String {
    let mut text = format!("<h2>{}</h2>\n<table>", escaped(&section.heading));
    if !section.columns.is_empty() {
        text.push_str("<thead><tr>");
        for column in &section.columns {
            text.push_str(&format!("<th scope=\"col\">{}</th>", escaped(column)));
        }
        text.push_str("</tr></thead>");
    }
    text.push_str("<tbody>\n");
    for row in &section.rows {
        text.push_str("<tr>");
        for cell in row {
            text.push_str(&format!("<td>{}</td>", escaped(cell)));
        }
        text.push_str("</tr>\n");
    }
    if section.rows.is_empty() {
        text.push_str(&format!(
            "<tr><td colspan=\"{}\">无 none</td></tr>\n",
            section.columns.len().max(1)
        ));
    }
    text.push_str("</tbody></table>\n");
    text
}

/// Text that a browser shows and never runs.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\0' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_shown_and_never_run() {
        let bundle = Bundle {
            name: "call-1".to_owned(),
            sentences: vec!["<script>alert(1)</script>".to_owned()],
            sections: vec![Section {
                heading: "批注 Comments".to_owned(),
                columns: vec!["\"><img src=x onerror=alert(1)>".to_owned()],
                rows: vec![vec!["a\0b & 'c'".to_owned()]],
            }],
            ..Bundle::default()
        };
        let page = html(&bundle, "00ff");
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\0'));
        assert!(page.contains("&lt;script&gt;") && page.contains("b &amp; &#39;c&#39;"));
    }
}
