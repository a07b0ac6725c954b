// node main.mjs https://tasks.example.org ann 'her password'
import { tour } from "./build/tour.js";

const [url, username, password] = process.argv.slice(2);
await tour(url, username, password, console.log);
