//! Prompt folders, whole and broken.

use super::super::scratch::Scratch;
use super::*;
use crate::media::Codec;

fn manifest(folder: &Scratch, text: &str) {
    fs::write(folder.path().join(MANIFEST), text).unwrap();
}

#[test]
fn a_folder_is_loaded_and_encoded_by_the_names_of_its_manifest() {
    let folder = Scratch::new();
    manifest(
        &folder,
        "language = \"zh-CN\"\nhospital = \"示范医院\"\nvoice = \"v\"\nlicence = \"x\"\n\
         [[prompt]]\nname = \"greeting\"\ntext = \"您好\"\nduration_ms = 50\nsynthetic = true\n\
         [[prompt]]\nname = \"bye-1\"\ntext = \"再见\"\nsynthetic = false\n",
    );
    folder.wav("greeting.wav", 1, 8_000, &[1_000; 400]);
    folder.wav("bye-1.wav", 1, 8_000, &[-1_000; 8]);
    folder.wav("unnamed.wav", 2, 44_100, &[0; 8]);
    let catalogue = Catalogue::load(folder.path()).unwrap();
    assert_eq!(catalogue.names().collect::<Vec<_>>(), ["bye-1", "greeting"]);
    assert_eq!(catalogue.duration("greeting"), Some(Duration::from_millis(50)));
    assert_eq!(catalogue.duration("nobody"), None);
    assert_eq!(catalogue.get("greeting").unwrap().bytes(Codec::Pcma).len(), 400);
    assert!(catalogue.spoken["greeting"].synthetic && catalogue.spoken["greeting"].text == "您好");
    assert_eq!(
        (catalogue.about.language.as_str(), catalogue.about.hospital.as_str()),
        ("zh-CN", "示范医院")
    );
}

#[test]
fn every_fault_of_a_folder_is_named_at_once() {
    let folder = Scratch::new();
    let names = ["fast", "stereo", "none", "text", "empty", "../etc", "fast"];
    let entries: String = names
        .iter()
        .map(|name| format!("[[prompt]]\nname = {name:?}\n"))
        .collect();
    manifest(&folder, &entries);
    folder.wav("fast.wav", 1, 16_000, &[0; 8]);
    folder.wav("stereo.wav", 2, 8_000, &[0; 8]);
    folder.wav("empty.wav", 1, 8_000, &[]);
    fs::write(folder.path().join("text.wav"), "no wav").unwrap();
    let faults = Catalogue::load(folder.path()).unwrap_err();
    let said: Vec<_> = faults
        .iter()
        .map(|fault| fault.to_string().replace(folder.path().to_str().unwrap(), "P"))
        .collect();
    let expected = [
        "P/fast.wav is 16000 Hz, 16 bit, 1 channel(s); expected 8000 Hz, 16 bit, mono: sox IN.wav -r 8000 -c 1 -b 16 OUT.wav",
        "P/stereo.wav is 8000 Hz, 16 bit, 2 channel(s); expected 8000 Hz, 16 bit, mono: sox IN.wav -r 8000 -c 1 -b 16 OUT.wav",
        "P/none.wav: No such file or directory (os error 2); expected a WAV of 8000 Hz, 16 bit, mono",
        "P/text.wav: Ill-formed WAVE file: no RIFF tag found; expected a WAV of 8000 Hz, 16 bit, mono",
        "P/empty.wav plays 0 s; expected more than nothing and at most 600 s",
        "P/manifest.toml: \"../etc\" is no prompt name (letters, digits, _ and -)",
        "P/manifest.toml: fast is named twice",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_missing_or_broken_manifest_says_where() {
    let folder = Scratch::new();
    let faults = Catalogue::load(folder.path()).unwrap_err();
    assert!(matches!(faults[..], [CatalogueFault::ManifestMissing { .. }]));
    manifest(&folder, "language = \"zh-CN\"\n\n[[prompt]\nname = 1\n");
    let faults = Catalogue::load(folder.path()).unwrap_err();
    assert!(
        matches!(faults[..], [CatalogueFault::ManifestBroken { line: 3, .. }]),
        "{faults:?}"
    );
}

#[test]
fn languages_lie_beside_each_other_under_their_folders_names() {
    let of = |name: &str, length| Catalogue {
        prompts: [(name.to_owned(), Arc::new(Prompt::encode(&vec![5; length])))].into(),
        ..Catalogue::default()
    };
    let mut catalogue = Catalogue::default();
    catalogue.take("zh-CN", of("a", 160));
    catalogue.take("en-US", of("a", 240));
    assert_eq!(catalogue.names().collect::<Vec<_>>(), ["en-US/a", "zh-CN/a"]);
    assert_eq!(catalogue.duration("en-US/a"), Some(Duration::from_millis(30)));
}
