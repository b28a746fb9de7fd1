// The transport of a call for as long as it is on the screen.
import { useEffect, useState } from 'react';
import { Transport } from './transport';

export function useTransport(id: number, totalMs: number): Transport {
  const [transport] = useState(() => new Transport(`/api/calls/${id}/audio`, totalMs));
  useEffect(() => {
    // In the page, so that what the browser shows of playing media belongs to it.
    document.body.append(transport.media);
    return () => {
      transport.close();
      transport.media.remove();
    };
  }, [transport]);
  return transport;
}
