"""Start the bank: `python -m orders.gateways.demo_bank.server`."""

from orders.gateways.demo_bank.server.app import main

if __name__ == "__main__":
    main()
