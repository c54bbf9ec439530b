//! Snapshots from a hostile world: cut, altered, foreign, newer, oversized.

use std::io::Write;

use portcullis::clock::Time;
use portcullis::ident::{AccountId, Region};
use portcullis::model::snapshot::{Entry, Limits, Reader, SnapshotError, Writer};
use portcullis::model::{Attr, Completeness, CoverageEntry, Meta, Origin, Resource, vpc};

fn resource(id: &str) -> Resource {
    Resource {
        meta: Meta {
            id: id.to_owned(),
            account: AccountId::new("111122223333").unwrap(),
            region: Region::new("eu-west-1").unwrap(),
            arn: None,
            name: Some("\u{1b}[31mred\u{7}".to_owned()),
            tags: Attr::default(),
            environment: Attr::default(),
            origin: Origin::Aws,
        },
        data: vpc::Vpc { is_default: Attr::Known(false), ..vpc::Vpc::default() }.into(),
    }
}

fn written(count: usize) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), Time::default(), vec!["test".to_owned()]).unwrap();
    for at in 0..count {
        writer.resource(&resource(&format!("vpc-{at}"))).unwrap();
    }
    let entry = CoverageEntry {
        source: "aws".to_owned(),
        account: AccountId::new("111122223333").unwrap(),
        region: Region::new("eu-west-1").unwrap(),
        kind: "aws.ec2.vpc".to_owned(),
        status: Completeness::Complete,
        reason: None,
        count: count as u64,
    };
    writer.coverage(&entry).unwrap();
    writer.finish().unwrap()
}

fn plain(packed: &[u8]) -> String {
    String::from_utf8(zstd::decode_all(packed).unwrap()).unwrap()
}

fn read_with(bytes: &[u8], limits: Limits) -> Result<Vec<Resource>, SnapshotError> {
    let mut reader = Reader::new("test.jsonl.zst", bytes, limits)?;
    let mut out = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        if let Entry::Resource(text, line) = entry {
            let resource = Resource::parse(&text).map_err(|why| SnapshotError::Line {
                path: "test".to_owned(),
                line,
                why,
            })?;
            out.push(resource);
        }
    }
    assert!(reader.digest().is_some());
    Ok(out)
}

fn read(bytes: &[u8]) -> Result<Vec<Resource>, SnapshotError> {
    read_with(bytes, Limits::default())
}

#[test]
fn what_was_written_is_read() {
    let packed = written(300);
    let resources = read(&packed).unwrap();
    assert_eq!(resources.len(), 300);
    assert_eq!(resources[7], resource("vpc-7"));
    // Plain lines are the same snapshot.
    assert_eq!(read(plain(&packed).as_bytes()).unwrap(), resources);
}

#[test]
fn a_cut_file_is_noticed_wherever_it_is_cut() {
    let packed = written(40);
    for end in [10, packed.len() / 2, packed.len() - 1] {
        assert!(read(&packed[..end]).is_err(), "packed, {end} bytes");
    }
    let text = plain(&packed);
    for end in (1..text.len()).step_by(37) {
        let error = read(&text.as_bytes()[..end]).unwrap_err();
        let fits = matches!(error, SnapshotError::Truncated { .. } | SnapshotError::Foreign { .. });
        assert!(fits, "{end}: {error}");
    }
    let without_trailer = &text[..text.find("{\"end\"").unwrap()];
    let error = read(without_trailer.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("after line 42") && error.contains("cut"), "{error}");
}

#[test]
fn an_altered_file_is_noticed() {
    let text = plain(&written(5));
    let altered = text.replacen("\"is_default\":false", "\"is_default\":true", 1);
    let error = read(altered.as_bytes()).unwrap_err();
    assert!(matches!(error, SnapshotError::Altered { line: 8, .. }), "{error}");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(1, 2);
    assert!(matches!(
        read((lines.join("\n") + "\n").as_bytes()).unwrap_err(),
        SnapshotError::Altered { .. }
    ));
    let error = read((text.clone() + "{}\n").as_bytes()).unwrap_err().to_string();
    assert!(error.contains("follows the trailer"), "{error}");
    // A flipped byte in the compressed form never passes as content.
    let packed = written(50);
    for at in (0..packed.len()).step_by(11) {
        let mut flipped = packed.clone();
        flipped[at] ^= 0x41;
        match read(&flipped) {
            Err(_) => {}
            Ok(resources) => assert_eq!(resources, read(&packed).unwrap(), "byte {at}"),
        }
    }
}

#[test]
fn foreign_and_newer_files_say_so() {
    let foreign: [&[u8]; 5] = [
        b"",
        b"hello\n",
        b"{\"Vpcs\": []}\n",
        b"\x00\x01\x02\xff\xfe binary \x9c\n",
        b"\x28\xb5\x2f\xfd not really zstd at all",
    ];
    for bytes in foreign {
        let error = read(bytes).unwrap_err();
        assert!(matches!(error, SnapshotError::Foreign { .. }), "{bytes:?}: {error}");
    }
    let newer =
        plain(&written(1)).replacen("\"portcullis_snapshot\":1", "\"portcullis_snapshot\":9", 1);
    let error = read(newer.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("format 9") && error.contains("newer portcullis"), "{error}");
}

#[test]
fn a_line_names_its_number_and_its_mistake() {
    let text = plain(&written(3));
    for (from, to, want) in [
        ("\"is_default\":false", "\"is_defualt\":false", "is_defualt"),
        ("\"type\":\"aws.ec2.vpc\"", "\"type\":\"aws.ec2.vpv\"", "aws.ec2.vpv"),
        ("\"account\":\"111122223333\"", "\"account\":\"1\"", "account id"),
    ] {
        let broken = text.replacen(from, to, 1);
        let mut reader = Reader::new("t", broken.as_bytes(), Limits::default()).unwrap();
        let Some(Entry::Resource(line, 2)) = reader.next_entry().unwrap() else { panic!("line 2") };
        let error = Resource::parse(&line).unwrap_err();
        assert!(error.contains(want), "{error}");
    }
}

#[test]
fn a_line_without_end_is_refused_early() {
    // A gigabyte of one line, never held: the reader stops at its limit.
    let line = std::io::Read::chain(
        &b"{\"portcullis_snapshot\":1,\"tool\":\"x\",\"created\":\"2026-01-01T00:00:00Z\"}\n{\"type\":\""[..],
        std::io::Read::take(std::io::repeat(b'a'), 1 << 30),
    );
    let limits = Limits { line_bytes: 1 << 20, ..Limits::default() };
    let mut reader = Reader::new("big.jsonl", line, limits).unwrap();
    let error = reader.next_entry().unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("longer than"), "{error}");
}

#[test]
fn a_bomb_is_refused() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 19).unwrap();
    encoder
        .write_all(
            b"{\"portcullis_snapshot\":1,\"tool\":\"x\",\"created\":\"2026-01-01T00:00:00Z\"}\n",
        )
        .unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..2048 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 20, "2 GiB in {} bytes", bomb.len());
    let error = read(&bomb).unwrap_err().to_string();
    assert!(error.contains("longer than"), "{error}");
    let many = plain(&written(1000));
    let limits = Limits { total_bytes: 10_000, ..Limits::default() };
    let error = read_with(many.as_bytes(), limits).unwrap_err().to_string();
    assert!(error.contains("in all"), "{error}");
}
