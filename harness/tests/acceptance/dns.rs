//! A resolver on loopback that says what a test has it say, over UDP and TCP, or does not keep to the protocol at all.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, NS};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinHandle;

/// What a resolver makes of the name. The root it knows, unless it knows nothing.
#[derive(Clone)]
pub(crate) enum Manner {
    /// The name has these addresses.
    Gives(Vec<IpAddr>),
    /// There is no such name.
    NoSuchName,
    /// The name has no address.
    NoAddress,
    /// It fails at the name alone.
    FailsAtIt,
    /// It fails at everything.
    FailsAtAll,
    /// It answers nobody like us.
    Refuses,
    /// It never answers.
    Silent,
    /// It answers with bytes of anything.
    Garbage,
    /// It answers another request.
    WrongId,
    /// It answers another question, with this address.
    WrongQuestion(IpAddr),
    /// So many addresses, over TCP: they do not fit elsewhere.
    Floods(u16),
    /// It says that the rest comes over TCP, and never says it there.
    Truncates,
}

/// A resolver.
pub(crate) struct Resolver {
    /// Where it listens.
    pub(crate) at: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Resolver {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Resolver {
    /// Starts one at some port of loopback, the same for UDP and TCP.
    pub(crate) async fn start(manner: Manner) -> Resolver {
        let (stream, datagrams) = loop {
            let stream = TcpListener::bind("127.0.0.1:0").await.unwrap();
            if let Ok(datagrams) = UdpSocket::bind(stream.local_addr().unwrap()).await {
                break (stream, datagrams);
            }
        };
        let at = stream.local_addr().unwrap();
        let manner = Arc::new(manner);
        let tasks = [
            tokio::spawn(by_datagram(datagrams, manner.clone())),
            tokio::spawn(by_stream(stream, manner)),
        ];
        Resolver { at, tasks }
    }
}

async fn by_datagram(socket: UdpSocket, manner: Arc<Manner>) {
    let mut bytes = [0; 4_096];
    while let Ok((length, from)) = socket.recv_from(&mut bytes).await {
        if let Some(answer) = answer(&manner, &bytes[..length], true) {
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

async fn by_stream(listener: TcpListener, manner: Arc<Manner>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let manner = manner.clone();
        tokio::spawn(async move {
            while let Ok(length) = stream.read_u16().await {
                let mut bytes = vec![0; usize::from(length)];
                if stream.read_exact(&mut bytes).await.is_err() {
                    return;
                }
                let Some(answer) = answer(&manner, &bytes, false) else {
                    continue;
                };
                let length = u16::try_from(answer.len()).unwrap();
                let _ = stream.write_u16(length).await;
                let _ = stream.write_all(&answer).await;
            }
        });
    }
}

fn answer(manner: &Manner, asked: &[u8], datagram: bool) -> Option<Vec<u8>> {
    let asked = Message::from_vec(asked).unwrap();
    let question = asked.queries[0].clone();
    let (name, kind) = (question.name().clone(), question.query_type());
    let mut answer = Message::new(asked.metadata.id, MessageType::Response, asked.metadata.op_code);
    answer.queries.push(question);
    let records = |addresses: &[IpAddr]| -> Vec<Record> {
        let mine = addresses.iter().filter_map(|address| match (address, kind) {
            (IpAddr::V4(address), RecordType::A) => Some(RData::A(A(*address))),
            (IpAddr::V6(address), RecordType::AAAA) => Some(RData::AAAA(AAAA(*address))),
            _ => None,
        });
        mine.map(|data| Record::from_rdata(name.clone(), 300, data))
            .collect()
    };
    if name.is_root() && !matches!(manner, Manner::FailsAtAll) {
        let server = Name::from_ascii("a.root.example.").unwrap();
        answer
            .answers
            .push(Record::from_rdata(Name::root(), 300, RData::NS(NS(server))));
        return Some(answer.to_vec().unwrap());
    }
    match manner {
        Manner::Gives(addresses) => answer.answers = records(addresses),
        Manner::NoAddress => {}
        Manner::NoSuchName => answer.metadata.response_code = ResponseCode::NXDomain,
        Manner::FailsAtIt | Manner::FailsAtAll => answer.metadata.response_code = ResponseCode::ServFail,
        Manner::Refuses => answer.metadata.response_code = ResponseCode::Refused,
        Manner::Silent => return None,
        Manner::Garbage => {
            let mut bytes = asked.metadata.id.to_be_bytes().to_vec();
            bytes.extend([0xff; 600]);
            return Some(bytes);
        }
        Manner::WrongId => answer.metadata.id = !asked.metadata.id,
        Manner::WrongQuestion(address) => {
            answer.answers = records(&[*address]);
            answer.queries[0].set_name(Name::from_ascii("bank.example.").unwrap());
        }
        Manner::Floods(_) | Manner::Truncates if datagram => answer.metadata.truncation = true,
        Manner::Truncates => return None,
        Manner::Floods(many) => {
            let many = (0..*many).map(|n| IpAddr::from([127, 1, n.to_be_bytes()[0], n.to_be_bytes()[1]]));
            answer.answers = records(&many.collect::<Vec<_>>());
        }
    }
    Some(answer.to_vec().unwrap())
}
