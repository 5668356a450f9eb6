// An unmodified gRPC client or server for the tests: `node grpc-js.cjs client HOST:PORT` or `node grpc-js.cjs server`.
// Messages pass as bytes, so no generated code is needed. Prints one JSON line per result.
'use strict';
const grpc = require('@grpc/grpc-js');

const service = '/lepton.rpc.tests.Echo/';
const asIs = (bytes) => bytes;
const print = (value) => process.stdout.write(JSON.stringify(value) + '\n');
const note = (number) => Buffer.from([8, number]);

function definition(name, requestStream, responseStream) {
  return {
    path: service + name, requestStream, responseStream,
    requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs,
  };
}

function unary(client, name, bytes, metadata, options) {
  return new Promise((resolve) => {
    const result = { call: name };
    const call = client.makeUnaryRequest(service + name, asIs, asIs, bytes, metadata, options, (error, response) => {
      result.code = error ? error.code : 0;
      result.detail = error ? error.details : '';
      result.response = response ? response.toString('hex') : '';
    });
    call.on('metadata', (headers) => { result.head = headers.get('head'); });
    call.on('status', (status) => {
      result.tail = status.metadata.get('tail-bin').map((value) => value.toString('hex'));
      setImmediate(() => resolve(result));
    });
    if (options.cancelSoon) {
      setImmediate(() => call.cancel());
    }
  });
}

function collect(name, call) {
  return new Promise((resolve) => {
    const responses = [];
    call.on('data', (bytes) => responses.push(bytes.toString('hex')));
    call.on('error', () => {});
    call.on('status', (status) => resolve({
      call: name, code: status.code, detail: status.details, count: responses.length, first: responses[0],
      last: responses[responses.length - 1],
    }));
  });
}

async function runClient(address) {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  const metadata = new grpc.Metadata();
  metadata.set('word', 'hello');
  metadata.set('raw-bin', Buffer.from([0, 200, 3]));
  const none = new grpc.Metadata();
  const gzip = new grpc.Client(address, grpc.credentials.createInsecure(), {
    'grpc.default_compression_algorithm': 2,
  });

  print(await unary(client, 'Unary', note(5), metadata, {}));
  const padded = Buffer.concat([note(5), Buffer.from([0x1a, 0x64]), Buffer.alloc(100)]);
  print(await unary(gzip, 'Unary', padded, metadata, {}));
  print(await unary(client, 'Refuses', note(1), none, {}));
  print(await unary(client, 'Nothing', note(1), none, {}));
  print(await unary(client, 'Waits', note(1), none, { deadline: Date.now() + 200 }));
  print(await unary(client, 'Waits', note(1), none, { cancelSoon: true }));
  const large = Buffer.concat([Buffer.from([0x1a, 0x80, 0x80, 0xc0, 0x01]), Buffer.alloc(3 * 1024 * 1024, 7)]);
  const big = await unary(client, 'Unary', large, metadata, {});
  print({ call: 'Large', code: big.code, same: big.response === large.toString('hex') });

  print(await collect('Many', client.makeServerStreamRequest(service + 'Many', asIs, asIs, note(100), none, {})));
  print(await new Promise((resolve) => {
    const call = client.makeClientStreamRequest(service + 'Sum', asIs, asIs, none, {}, (error, response) =>
      resolve({ call: 'Sum', code: error ? error.code : 0, response: response ? response.toString('hex') : '' }));
    for (let i = 1; i <= 10; i++) {
      call.write(note(i));
    }
    call.end();
  }));
  const chat = client.makeBidiStreamRequest(service + 'Chat', asIs, asIs, none, {});
  const chatted = collect('Chat', chat);
  for (let i = 0; i < 5000; i++) {
    chat.write(note(i % 100));
  }
  chat.end();
  print(await chatted);
  client.close();
  gzip.close();
}

function runServer() {
  const server = new grpc.Server();
  server.addService({
    Unary: definition('Unary', false, false),
    Many: definition('Many', false, true),
    Sum: definition('Sum', true, false),
    Chat: definition('Chat', true, true),
  }, {
    Unary: (call, callback) => {
      if (call.request.length === 0) {
        callback({ code: grpc.status.FAILED_PRECONDITION, details: 'empty – bad' });
        return;
      }
      const headers = new grpc.Metadata();
      headers.set('head', call.metadata.get('word')[0] || 'none');
      call.sendMetadata(headers);
      const trailers = new grpc.Metadata();
      trailers.set('tail-bin', Buffer.from([255, 0]));
      callback(null, call.request, trailers);
    },
    Many: (call) => {
      for (let i = 0; i < call.request[1]; i++) {
        call.write(note(i));
      }
      call.end();
    },
    Sum: (call, callback) => {
      let sum = 0;
      call.on('data', (bytes) => { sum += bytes[1]; });
      call.on('end', () => callback(null, note(sum)));
    },
    Chat: (call) => {
      call.on('data', (bytes) => call.write(bytes));
      call.on('end', () => call.end());
    },
  });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    print(error ? { error: error.message } : { port });
  });
  process.stdin.on('end', () => process.exit(0));
  process.stdin.resume();
}

if (process.argv[2] === 'client') {
  runClient(process.argv[3]);
} else {
  runServer();
}
