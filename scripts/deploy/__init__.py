"""What a server needs beside the code: proxy, units, dashboards; and the tests of all that."""
