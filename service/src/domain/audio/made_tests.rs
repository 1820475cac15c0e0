//! Recordings made byte by byte, each as a kind of recorder makes them: what no tool at hand would write on demand.

use std::f32::consts::TAU;

use ropus::{Application, Channels, Encoder};

/// A sound or none, in floating point at 48 kHz, mono.
fn samples(loudness: f32, frames: usize) -> Vec<f32> {
    let wave = |frame: usize| (TAU * 440.0 * frame as f32 / 48_000.0).sin() * loudness;
    (0..frames).map(wave).collect()
}

/// As many Opus packets of 20 ms.
pub(crate) fn opus_packets(count: usize, loudness: f32) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::builder(48_000, Channels::Mono, Application::Voip)
        .build()
        .unwrap();
    let wave = samples(loudness, 960 * count);
    let packet = |pcm: &[f32]| {
        let mut packet = vec![0; 4_000];
        let length = encoder.encode_float(pcm, &mut packet).unwrap();
        packet.truncate(length);
        packet
    };
    wave.chunks_exact(960).map(packet).collect()
}

/// RFC 7845 §5.1, for one channel.
const OPUS_HEAD: &[u8] = b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0";

fn crc(bytes: &[u8], width: u32, polynomial: u32) -> u32 {
    let top = 1_u64 << (width - 1);
    let step = |crc: u64, byte: &u8| {
        (0..8).fold(crc ^ u64::from(*byte) << (width - 8), |crc, _| {
            let next = crc << 1;
            let next = if crc & top == 0 {
                next
            } else {
                next ^ u64::from(polynomial)
            };
            next & (2 * top - 1)
        })
    };
    bytes.iter().fold(0, step) as u32
}

/// One page of Ogg (RFC 3533 §6), for packets of less than 255 bytes each.
fn page(flags: u8, granule: u64, sequence: u32, packets: &[&[u8]]) -> Vec<u8> {
    let mut lengths = Vec::new();
    for packet in packets {
        lengths.extend(std::iter::repeat_n(255, packet.len() / 255));
        lengths.push((packet.len() % 255) as u8);
    }
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend(granule.to_le_bytes());
    page.extend(7_u32.to_le_bytes());
    page.extend(sequence.to_le_bytes());
    page.extend([0; 4]);
    page.push(lengths.len() as u8);
    page.extend(lengths);
    page.extend(packets.concat());
    let sum = crc(&page, 32, 0x04c1_1db7);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
    page
}

/// Opus in Ogg, ten packets a page; its last page says that it is, or does not.
pub(crate) fn ogg(packets: &[Vec<u8>], ends: bool) -> Vec<u8> {
    let tags = b"OpusTags\x04\0\0\0test\0\0\0\0";
    let mut file = [page(2, 0, 0, &[OPUS_HEAD]), page(0, 0, 1, &[tags])].concat();
    let pages = packets.chunks(10).count();
    let mut granule = 0;
    for (at, chunk) in packets.chunks(10).enumerate() {
        granule += 960 * chunk.len() as u64;
        let flags = if ends && at + 1 == pages { 4 } else { 0 };
        let chunk: Vec<&[u8]> = chunk.iter().map(Vec::as_slice).collect();
        file.extend(page(flags, granule, at as u32 + 2, &chunk));
    }
    file
}

/// The packets of an Ogg file, its headers among them.
pub(crate) fn packets_of(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut packets, mut packet, mut rest) = (Vec::new(), Vec::new(), file);
    while !rest.is_empty() {
        let (lengths, mut body) = rest[27..].split_at(usize::from(rest[26]));
        for length in lengths {
            let (part, after) = body.split_at(usize::from(*length));
            packet.extend(part);
            body = after;
            if *length < 255 {
                packets.push(std::mem::take(&mut packet));
            }
        }
        rest = body;
    }
    packets
}

/// Vorbis in Ogg with the headers of another file and as many packets without a floor, which is silence (Vorbis I §4.3.2).
pub(crate) fn silent_vorbis(file: &[u8], count: usize) -> Vec<u8> {
    let headers = packets_of(file);
    let silent = vec![&[0_u8][..]; count];
    [
        page(2, 0, 0, &[&headers[0]]),
        page(0, 0, 1, &[&headers[1], &headers[2]]),
        page(4, 64 * count as u64, 2, &silent),
    ]
    .concat()
}

/// Vorbis in WebM, from a file in Ogg: its three headers are the codec's own (Matroska codec specifications, A_VORBIS).
pub(crate) fn vorbis_webm(file: &[u8]) -> Vec<u8> {
    let mut packets = packets_of(file);
    let sound = packets.split_off(3);
    let mut private = vec![2];
    for header in &packets[..2] {
        private.extend(std::iter::repeat_n(255, header.len() / 255));
        private.push((header.len() % 255) as u8);
    }
    private.extend(packets.concat());
    webm(b"A_VORBIS", &private, (16_000.0, 32), &sound)
}

/// An element of EBML with a length of eight bytes.
pub(crate) fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u64 | 1 << 56).to_be_bytes();
    [id, &length, body].concat()
}

/// The beginning of one whose length is left open.
fn open(id: &[u8]) -> Vec<u8> {
    [id, &[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]].concat()
}

/// Opus in WebM as browsers' recorders stream it.
pub(crate) fn live_webm(packets: &[Vec<u8>]) -> Vec<u8> {
    webm(b"A_OPUS", OPUS_HEAD, (48_000.0, 20), packets)
}

/// Segment and Clusters are left open, and nobody knows the duration. Ten packets a cluster, each of so many
/// milliseconds.
fn webm(codec: &[u8], private: &[u8], (rate, each): (f64, u16), packets: &[Vec<u8>]) -> Vec<u8> {
    let head = [
        element(&[0x42, 0x86], &[1]),
        element(&[0x42, 0xf7], &[1]),
        element(&[0x42, 0xf2], &[4]),
        element(&[0x42, 0xf3], &[8]),
        element(&[0x42, 0x82], b"webm"),
        element(&[0x42, 0x87], &[4]),
        element(&[0x42, 0x85], &[2]),
    ];
    let audio = [element(&[0xb5], &rate.to_be_bytes()), element(&[0x9f], &[1])];
    let entry = [
        element(&[0xd7], &[1]),
        element(&[0x73, 0xc5], &[1]),
        element(&[0x83], &[2]),
        element(&[0x86], codec),
        element(&[0x63, 0xa2], private),
        element(&[0xe1], &audio.concat()),
    ];
    let info = [
        element(&[0x2a, 0xd7, 0xb1], &1_000_000_u32.to_be_bytes()),
        element(&[0x4d, 0x80], b"Chrome"),
        element(&[0x57, 0x41], b"Chrome"),
    ];
    let mut file = element(&[0x1a, 0x45, 0xdf, 0xa3], &head.concat());
    file.extend(open(&[0x18, 0x53, 0x80, 0x67]));
    file.extend(element(&[0x15, 0x49, 0xa9, 0x66], &info.concat()));
    file.extend(element(
        &[0x16, 0x54, 0xae, 0x6b],
        &element(&[0xae], &entry.concat()),
    ));
    for (cluster, chunk) in packets.chunks(10).enumerate() {
        file.extend(open(&[0x1f, 0x43, 0xb6, 0x75]));
        file.extend(element(
            &[0xe7],
            &(10 * u32::from(each) * cluster as u32).to_be_bytes(),
        ));
        for (at, packet) in chunk.iter().enumerate() {
            let at = (each * at as u16).to_be_bytes();
            file.extend(element(
                &[0xa3],
                &[&[0x81, at[0], at[1], 0x80], packet.as_slice()].concat(),
            ));
        }
    }
    file
}

/// As many frames of MPEG-1 layer III at 128 kbit/s and 44.1 kHz, mono: no bits for anything, so silence.
pub(crate) fn silent_mp3(frames: usize) -> Vec<u8> {
    let mut frame = b"\xff\xfb\x90\xc4".to_vec();
    frame.resize(417, 0);
    frame.repeat(frames)
}

/// A frame that says how many follow it, as LAME writes it.
pub(crate) fn info_frame(frames: u32) -> Vec<u8> {
    let mut frame = silent_mp3(1);
    // After the side information, which has 17 bytes for one channel.
    frame[21..25].copy_from_slice(b"Info");
    frame[28] = 1;
    frame[29..33].copy_from_slice(&frames.to_be_bytes());
    frame
}

/// FLAC of 4,096 samples a frame at 16 kHz, mono: a square wave, or silence. It says how long it is, or does not.
pub(crate) fn flac(frames: u8, loudness: i16, says: bool) -> Vec<u8> {
    let total = if says { u64::from(frames) * 4_096 } else { 0 };
    let mut file = b"fLaC\x80\0\0\x22".to_vec();
    file.extend([0x10, 0, 0x10, 0, 0, 0, 0, 0, 0, 0]);
    // 20 bits of rate, 3 of channels less one, 5 of bits less one, 36 of samples.
    file.extend((16_000_u64 << 44 | 15 << 36 | total).to_be_bytes());
    file.extend([0; 16]);
    for number in 0..frames {
        let mut frame = vec![0xff, 0xf8, 0xc5, 0x08, number];
        frame.push(crc(&frame, 8, 0x07) as u8);
        if loudness == 0 {
            frame.extend([0x00, 0, 0]);
        } else {
            frame.push(0x02);
            let wave = (0..4_096).map(|at| if at / 20 % 2 == 0 { loudness } else { -loudness });
            frame.extend(wave.flat_map(i16::to_be_bytes));
        }
        let sum = crc(&frame, 16, 0x8005) as u16;
        frame.extend(sum.to_be_bytes());
        file.extend(frame);
    }
    file
}

/// A box of ISO base media.
pub(crate) fn mp4_box(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32 + 8).to_be_bytes();
    [&length, &name[..], body].concat()
}

/// Where the body of a box is, within the bodies of others.
pub(crate) fn find(file: &[u8], path: &[&[u8; 4]]) -> std::ops::Range<usize> {
    let mut within = 0..file.len();
    for name in path {
        let mut at = within.start;
        loop {
            let length = u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
            if file[at + 4..at + 8] == **name {
                within = at + 8..at + length;
                break;
            }
            at += length;
        }
    }
    within
}

/// The sizes of the samples of an MP4 with one track.
pub(crate) fn sample_sizes(file: &[u8]) -> Vec<u32> {
    let table = find(file, &[b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz"]);
    let sizes = &file[table][12..];
    sizes
        .chunks_exact(4)
        .map(|size| u32::from_be_bytes(size.try_into().unwrap()))
        .collect()
}

/// The same MP4 with its samples in fragments of ten, as browsers' recorders stream them: the table of samples is empty, and
/// nobody knows the duration.
pub(crate) fn fragmented(file: &[u8]) -> Vec<u8> {
    const STBL: [&[u8; 4]; 5] = [b"moov", b"trak", b"mdia", b"minf", b"stbl"];
    let body = |path: &[&[u8; 4]]| file[find(file, path)].to_vec();
    let described = [&STBL[..], &[b"stsd"]].concat();
    let table = [
        mp4_box(b"stsd", &body(&described)),
        mp4_box(b"stts", &[0; 8]),
        mp4_box(b"stsc", &[0; 8]),
        mp4_box(b"stsz", &[0; 12]),
        mp4_box(b"stco", &[0; 8]),
    ];
    let media = [
        mp4_box(b"smhd", &body(&[b"moov", b"trak", b"mdia", b"minf", b"smhd"])),
        mp4_box(b"dinf", &body(&[b"moov", b"trak", b"mdia", b"minf", b"dinf"])),
        mp4_box(b"stbl", &table.concat()),
    ];
    let mut mdhd = body(&[b"moov", b"trak", b"mdia", b"mdhd"]);
    mdhd[16..20].fill(0);
    let mut mvhd = body(&[b"moov", b"mvhd"]);
    mvhd[16..20].fill(0);
    let mut tkhd = body(&[b"moov", b"trak", b"tkhd"]);
    tkhd[20..24].fill(0);
    let mdia = [
        mp4_box(b"mdhd", &mdhd),
        mp4_box(b"hdlr", &body(&[b"moov", b"trak", b"mdia", b"hdlr"])),
        mp4_box(b"minf", &media.concat()),
    ];
    let trak = [mp4_box(b"tkhd", &tkhd), mp4_box(b"mdia", &mdia.concat())];
    // Track 1, its first description, 1,024 ticks a sample.
    let trex = mp4_box(b"trex", b"\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\x04\0\0\0\0\0\0\0\0\0");
    let moov = [
        mp4_box(b"mvhd", &mvhd),
        mp4_box(b"trak", &trak.concat()),
        mp4_box(b"mvex", &trex),
    ];
    let mut made = [
        mp4_box(b"ftyp", b"iso5\0\0\0\x01iso5mp41"),
        mp4_box(b"moov", &moov.concat()),
    ]
    .concat();
    let mut data = &file[find(file, &[b"mdat"])];
    for (at, sizes) in sample_sizes(file).chunks(10).enumerate() {
        let length = sizes.iter().sum::<u32>() as usize;
        let offset = |moof: usize| {
            let mut trun = [0, 0, 2, 1].to_vec();
            trun.extend((sizes.len() as u32).to_be_bytes());
            trun.extend((moof as u32 + 8).to_be_bytes());
            trun.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
            let start = (at as u32 * 10 * 1_024).to_be_bytes();
            let traf = [
                mp4_box(b"tfhd", &[0, 2, 0, 0, 0, 0, 0, 1]),
                mp4_box(b"tfdt", &[&[0; 4][..], &start].concat()),
                mp4_box(b"trun", &trun),
            ];
            let header = mp4_box(b"mfhd", &[&[0; 4][..], &(at as u32 + 1).to_be_bytes()].concat());
            mp4_box(b"moof", &[header, mp4_box(b"traf", &traf.concat())].concat())
        };
        made.extend(offset(offset(0).len()));
        made.extend(mp4_box(b"mdat", &data[..length]));
        data = &data[length..];
    }
    made
}

/// The same MP4 with silence in each of its samples (a channel without any band, ISO 14496-3 §4.4.2.1).
pub(crate) fn silent_m4a(file: &[u8]) -> Vec<u8> {
    let mut made = file.to_vec();
    let mut at = find(file, &[b"mdat"]).start;
    for size in sample_sizes(file) {
        let end = at + size as usize;
        made[at..end].fill(0);
        made[at + 3] = 7;
        at = end;
    }
    made
}
