//! Ports of the loopback address: one that is free, and whether somebody listens on one.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};

/// A port on which nobody listened a moment ago.
pub async fn free() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    Ok(listener.local_addr()?.port())
}

/// Where somebody listens on this port: `localhost` is both addresses, and a server may take either.
pub async fn listening(port: u16) -> Option<SocketAddr> {
    let addresses = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ];
    for address in addresses {
        if TcpStream::connect(address).await.is_ok() {
            return Some(address);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_free_port_is_one_where_nobody_listens() {
        let port = free().await.unwrap();
        assert_eq!(listening(port).await, None);
        let taken = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.unwrap();
        assert_eq!(listening(port).await, Some(taken.local_addr().unwrap()));
    }
}
