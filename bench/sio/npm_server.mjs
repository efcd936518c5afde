// The npm socket.io server doing what server.cpp does.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { perMessageDeflate: false, transports: ["polling", "websocket"] });

io.on("connection", (socket) => {
  socket.join("room");
  socket.on("message", (...args) => socket.emit("message-back", ...args));
  socket.on("go", (rounds, burst) => {
    let left = rounds;
    const turn = () => {
      for (let i = 0; i < burst && left > 0; i++, left--) {
        io.to("room").emit("tick", { round: left, text: "hello to everyone here" });
      }
      if (left > 0) setImmediate(turn);
    };
    turn();
  });
});

http.listen(0, "127.0.0.1", () => console.log(`listening on ${http.address().port}`));
